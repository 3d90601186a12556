package io.github.deletionpolicy.benchmarks.scenario;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs a main class of ours in a JVM of its own.
 */
final class Fork {

	private static final String RESULT = "RESULT ";

	private Fork() {
	}

	/**
	 * Print a line of the result, in the other JVM.
	 * @param line the line
	 */
	static void print(String line) {
		System.out.println(RESULT + line);
	}

	/**
	 * Run a class and wait for it.
	 * @param main the class
	 * @param jvmArguments arguments of the JVM
	 * @param arguments arguments of the class
	 * @param patience after which it is ended
	 * @return what it has printed as its result
	 * @throws IOException if it cannot be started
	 * @throws InterruptedException if this thread is to stop
	 * @throws IllegalStateException if it fails
	 */
	static List<String> run(Class<?> main, List<String> jvmArguments, List<String> arguments, Duration patience)
			throws IOException, InterruptedException {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(jvmArguments);
		command.addAll(List.of("-cp", classPath(), main.getName()));
		command.addAll(arguments);
		Path output = Files.createTempFile("benchmarks", ".out");
		Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
		Thread ending = new Thread(process::destroyForcibly);
		try {
			Runtime.getRuntime().addShutdownHook(ending);
			if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
				throw new IllegalStateException("%s did not end in %s".formatted(main.getSimpleName(), patience));
			}
			List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
			if (process.exitValue() != 0) {
				throw new IllegalStateException("%s ended with %d: %s".formatted(main.getSimpleName(),
						process.exitValue(), String.join(" / ", lines.subList(0, Math.min(5, lines.size())))));
			}
			return lines.stream()
				.filter((line) -> line.startsWith(RESULT))
				.map((line) -> line.substring(RESULT.length()))
				.toList();
		}
		finally {
			process.destroyForcibly().waitFor();
			Runtime.getRuntime().removeShutdownHook(ending);
			Files.deleteIfExists(output);
		}
	}

	/**
	 * Maven runs us in its own JVM, with a class loader that knows where our classes are.
	 */
	private static String classPath() {
		if (Fork.class.getClassLoader() instanceof URLClassLoader loader) {
			return String.join(File.pathSeparator, Arrays.stream(loader.getURLs()).map(Fork::path).toList());
		}
		return System.getProperty("java.class.path");
	}

	private static String path(URL url) {
		try {
			return Path.of(url.toURI()).toString();
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
