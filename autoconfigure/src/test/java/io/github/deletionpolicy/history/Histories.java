package io.github.deletionpolicy.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Lets many histories take place, several at a time, and counts what happened in them.
 */
final class Histories implements AutoCloseable {

	private static final AtomicLong schemaNumbers = new AtomicLong();

	private final List<HistoryRunner> runners = new ArrayList<>();

	private final Map<String, Long> counts = new TreeMap<>();

	private final AtomicLong done = new AtomicLong();

	/**
	 * Prepare as many runners as histories run at a time.
	 */
	Histories(String url, int atATime) {
		silence();
		for (int i = 0; i < atATime; i++) {
			this.runners.add(new HistoryRunner(url, "history_" + schemaNumbers.incrementAndGet()));
		}
	}

	/**
	 * What fails on purpose fails often, and each time somebody would say so.
	 */
	static void silence() {
		for (String name : List.of("io.github.deletionpolicy", "org.springframework")) {
			((Logger) LoggerFactory.getLogger(name)).setLevel(Level.OFF);
		}
	}

	/**
	 * Run histories with one seed after the other.
	 * @param first the first seed
	 * @param count how many
	 * @param progress is told how many have ended
	 * @return the first that went wrong; {@code null} if none did
	 */
	@Nullable Finding run(long first, long count, LongConsumer progress) throws InterruptedException {
		return run(LongStream.range(first, first + count).mapToObj(History::of).iterator(), progress);
	}

	/**
	 * Run given histories.
	 * @param histories the histories
	 * @return the first that went wrong; {@code null} if none did
	 */
	@Nullable Finding run(List<History> histories) throws InterruptedException {
		return run(histories.iterator(), (done) -> {
		});
	}

	private @Nullable Finding run(Iterator<History> histories, LongConsumer progress) throws InterruptedException {
		AtomicReference<@Nullable Finding> found = new AtomicReference<>();
		ExecutorService executor = Executors.newFixedThreadPool(this.runners.size());
		try {
			List<Future<?>> all = new ArrayList<>();
			for (HistoryRunner runner : this.runners) {
				all.add(executor.submit(() -> {
					for (History history = next(histories); history != null
							&& found.get() == null; history = next(histories)) {
						HistoryRunner.Result result = runner.run(history);
						count(result);
						progress.accept(this.done.incrementAndGet());
						if (!result.violations().isEmpty()) {
							found.compareAndSet(null, new Finding(history, result.violations(), result.log()));
						}
					}
				}));
			}
			for (Future<?> each : all) {
				each.get();
			}
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex.getCause());
		}
		finally {
			executor.shutdownNow();
		}
		return found.get();
	}

	private static @Nullable History next(Iterator<History> histories) {
		synchronized (histories) {
			return histories.hasNext() ? histories.next() : null;
		}
	}

	synchronized void count(HistoryRunner.Result result) {
		for (ClientCall call : result.log().calls()) {
			this.counts.merge("operation " + call.kind(), 1L, Long::sum);
			this.counts.merge("outcome " + call.outcome(), 1L, Long::sum);
		}
		result.log()
			.incidents()
			.forEach((incident, times) -> this.counts.merge("fault " + incident, (long) times, Long::sum));
	}

	/**
	 * Return how often each operation, outcome and fault came.
	 */
	synchronized Map<String, Long> counts() {
		return new TreeMap<>(this.counts);
	}

	long done() {
		return this.done.get();
	}

	/**
	 * Make a history that went wrong as short as it can be.
	 */
	Finding shortest(Finding found) {
		return new Shrinking(this.runners.get(0), Duration.ofMinutes(3)).shortest(found);
	}

	@Override
	public void close() {
		this.runners.forEach(HistoryRunner::close);
	}

	/**
	 * A history that went wrong.
	 *
	 * @param history the history
	 * @param violations what is wrong
	 * @param log what was written down
	 */
	record Finding(History history, List<String> violations, Log log) {

		@Override
		public String toString() {
			return "%s%n%s%nWhat the clients were told:%n%s".formatted(String.join("\n", this.violations), this.history,
					String.join("\n", this.log.calls().stream().map(ClientCall::toString).toList()));
		}

	}

}
