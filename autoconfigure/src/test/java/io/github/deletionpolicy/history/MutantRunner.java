package io.github.deletionpolicy.history;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.github.deletionpolicy.history.Histories.Finding;

/**
 * Runs histories against a mutant in its own JVM, until one shows it.
 */
final class MutantRunner {

	private static final String CAUGHT = "caught after ";

	private MutantRunner() {
	}

	/**
	 * Run the histories.
	 * @param arguments the URL of the database, the first seed, how many and how many at
	 * a time
	 */
	public static void main(String[] arguments) throws InterruptedException {
		try (Histories histories = new Histories(arguments[0], Integer.parseInt(arguments[3]))) {
			Finding found = histories.run(Long.parseLong(arguments[1]), Long.parseLong(arguments[2]), (done) -> {
			});
			String invariant = (found == null) ? ""
					: found.violations()
						.stream()
						.filter((violation) -> violation.startsWith("["))
						.findFirst()
						.orElse("");
			if (found != null && invariant.isEmpty()) {
				System.out.println("broken: " + found);
			}
			else if (found != null) {
				System.out.println(CAUGHT + histories.done() + " by " + invariant);
			}
		}
		System.exit(0);
	}

	/**
	 * Run histories against a mutant.
	 * @param mutant the mutant
	 * @param sources where the sources of the product are
	 * @param target where to put what is made of them
	 * @param url where there is an empty database
	 * @param most how many histories at most
	 * @return how it was caught, or what came instead
	 */
	static Result run(Mutant mutant, Path sources, Path target, String url, int most)
			throws IOException, InterruptedException {
		Path classes = mutant.compile(sources, target);
		Process process = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp",
				classes + File.pathSeparator + System.getProperty("java.class.path"), MutantRunner.class.getName(), url,
				"1", String.valueOf(most), "4"))
			.redirectErrorStream(true)
			.redirectOutput(target.resolve("mutant.log").toFile())
			.start();
		if (!process.waitFor(20, TimeUnit.MINUTES)) {
			process.destroyForcibly().waitFor();
		}
		String output = Files.readString(target.resolve("mutant.log"));
		return output.lines()
			.filter((line) -> line.startsWith(CAUGHT))
			.map((line) -> new Result(Integer.parseInt(line.substring(CAUGHT.length(), line.indexOf(" by "))),
					line.substring(line.indexOf(" by ") + 4)))
			.findFirst()
			.orElse(new Result(0, output));
	}

	/**
	 * How a mutant was caught.
	 *
	 * @param histories after how many histories; zero if it was not
	 * @param violation what they have shown
	 */
	record Result(int histories, String violation) {
	}

}
