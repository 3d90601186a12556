package io.github.deletionpolicy.history;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.deletionpolicy.history.Histories.Finding;
import io.github.deletionpolicy.history.Log.Incident;
import org.jspecify.annotations.Nullable;

/**
 * Very many histories, in rounds. What was done is kept in a file after each of them, so
 * that a campaign which was interrupted goes on where it was.
 */
final class Campaign {

	private static final int ROUND = 250;

	private static final int SERVER_FAILURES = 4;

	private final Path state;

	private final Properties kept = new Properties();

	private final long count;

	Campaign(Path state, long count) throws IOException {
		this.state = state;
		this.count = count;
		if (Files.exists(state)) {
			try (Reader reader = Files.newBufferedReader(state)) {
				this.kept.load(reader);
			}
		}
	}

	/**
	 * Run what is left to do.
	 * @return the first history that went wrong; {@code null} if none did
	 */
	@Nullable Finding run(Server server, int atATime) throws Exception {
		long began = System.nanoTime();
		long before = done();
		while (done() < this.count) {
			long round = Math.min(ROUND, this.count - done());
			try (Histories histories = new Histories(server.database(), atATime)) {
				Finding found = histories.run(done() + 1, round, (done) -> {
				});
				if (found != null) {
					return histories.shortest(found);
				}
				for (ServerFailure failure : ServerFailure.values()) {
					if (failure.obstacle() == null) {
						found = failure.run(done() + 1, SERVER_FAILURES, histories::count);
						add("server failure " + failure, SERVER_FAILURES);
					}
					if (found != null) {
						return found;
					}
				}
				histories.counts().forEach(this::add);
				add("done", round);
				save();
			}
			double seconds = (System.nanoTime() - began) / 1e9;
			System.out.printf("%s histories: %d of %d, %.1f a second, no violation%n", Instant.now(), done(),
					this.count, (done() - before) / seconds);
		}
		return null;
	}

	/**
	 * Run histories against each mutant that was not caught yet.
	 * @return those that got away, with what came instead
	 */
	Map<Mutant, String> runMutants(Server server, Path sources, Path target, int most) throws Exception {
		Map<Mutant, String> atLarge = new TreeMap<>();
		for (Mutant mutant : Mutant.values()) {
			if (this.kept.containsKey("mutant " + mutant)) {
				continue;
			}
			MutantRunner.Result result = MutantRunner.run(mutant, sources, target.resolve(mutant.name()),
					server.database(), most);
			System.out.printf("%s %s: %d, %s%n", Instant.now(), mutant, result.histories(), result.violation());
			if (result.histories() == 0) {
				atLarge.put(mutant, result.violation());
			}
			else {
				this.kept.setProperty("mutant " + mutant, String.valueOf(result.histories()));
				this.kept.setProperty("invariant " + mutant,
						result.violation().substring(1, result.violation().indexOf(']')));
				save();
			}
		}
		return atLarge;
	}

	private long done() {
		return number("done");
	}

	private long number(String key) {
		return Long.parseLong(this.kept.getProperty(key, "0"));
	}

	private void add(String key, long times) {
		this.kept.setProperty(key, String.valueOf(number(key) + times));
	}

	private void save() throws IOException {
		Files.createDirectories(this.state.toAbsolutePath().getParent());
		try (Writer writer = Files.newBufferedWriter(this.state)) {
			this.kept.store(writer, "What a campaign of histories has done");
		}
	}

	/**
	 * Write down what was done.
	 */
	void report(Path file) throws IOException {
		Files.createDirectories(file.toAbsolutePath().getParent());
		Files.writeString(file,
				"""
						# Histories

						Written by `HistoriesIT`; see [proof](../proof.md) for what it does and how to run it.

						| | |
						|---|---|
						| date | %s |
						| Java, processors | %s, %d |
						| histories | %d, seeds 1 to %d |
						| with the server killed in the middle | %s |
						| with the disk full for a while | %s |
						| violations | 0 |

						## Operations

						| operation | times |
						|---|---|
						%s
						## Results that the clients got

						| outcome | times |
						|---|---|
						%s
						## Faults

						| fault | times |
						|---|---|
						%s
						## Mutants

						| mutant | caught after so many histories | by invariant |
						|---|---|---|
						%s""".formatted(LocalDate.now(ZoneOffset.UTC), System.getProperty("java.version"),
						Runtime.getRuntime().availableProcessors(), done(), done(),
						serverFailures(ServerFailure.SERVER_KILLED), serverFailures(ServerFailure.DISK_FULL),
						lines("operation ", Stream.of(OperationKind.values()).map(OperationKind::name)),
						lines("outcome ", Stream.of(ClientCall.Outcome.values()).map(ClientCall.Outcome::name)),
						lines("fault ", Stream.of(Incident.values()).map(Incident::name)),
						Stream.of(Mutant.values())
							.map((mutant) -> "| %s | %s | %s |%n".formatted(words(mutant.name()),
									this.kept.getProperty("mutant " + mutant, "not hunted yet"),
									this.kept.getProperty("invariant " + mutant, "")))
							.collect(Collectors.joining())));
	}

	private String serverFailures(ServerFailure failure) {
		String obstacle = failure.obstacle();
		return number("server failure " + failure) + ((obstacle != null) ? " (" + obstacle + ")" : "");
	}

	/**
	 * Return what never came, although it is part of what is claimed.
	 */
	String missing() {
		return Stream
			.concat(Stream.of(OperationKind.values()).map((kind) -> "operation " + kind),
					Stream.of(Incident.values()).map((incident) -> "fault " + incident))
			.filter((key) -> number(key) == 0)
			.filter((key) -> !key.contains(ServerFailure.DISK_FULL.name())
					|| ServerFailure.DISK_FULL.obstacle() == null)
			.collect(Collectors.joining(", "));
	}

	private String lines(String prefix, Stream<String> names) {
		return names.map((name) -> "| %s | %d |%n".formatted(words(name), number(prefix + name)))
			.collect(Collectors.joining());
	}

	private static String words(String name) {
		return name.toLowerCase(Locale.ROOT).replace('_', ' ');
	}

}
