package io.github.deletionpolicy.benchmarks.scenario;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

import io.github.deletionpolicy.benchmarks.database.Application;
import io.github.deletionpolicy.benchmarks.measure.Aim;
import io.github.deletionpolicy.benchmarks.measure.Measurement;

/**
 * How long after it is due a row is gone, in an application that has nothing else to
 * purge. Quartz runs the purge every second.
 */
final class PurgeLag implements Scenario {

	private static final Duration INTERVAL = Duration.ofSeconds(1);

	private static final Duration BATCH = Duration.ofMillis(250);

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	@Override
	public String name() {
		return "purge-lag";
	}

	@Override
	public List<Measurement> measure(Workbench bench) {
		int samples = bench.sizes().lagSamples();
		bench.tell("purge lag, %d rows".formatted(samples));
		bench.snapshots().live(1000).layOut();
		List<Double> lags = new ArrayList<>();
		try (Application purging = Application.start(bench.url(), "spring.quartz.auto-startup=true",
				"deletion-policy.purge.enabled=true", "deletion-policy.purge.interval=" + INTERVAL.toMillis() + "ms")) {
			Random random = new Random(samples);
			Map<Long, Instant> waiting = new LinkedHashMap<>();
			for (long id = 1; id <= samples; id++) {
				Instant due = purging.deletes()
					.from("users")
					.byId(id)
					.scheduled(Duration.ofMillis(100))
					.execute()
					.purgeAt();
				waiting.put(id, Objects.requireNonNull(due));
				watch(bench, waiting, lags, Instant.now().plusMillis(random.nextInt(1000)));
			}
			Instant end = Instant.now().plus(PATIENCE);
			while (!waiting.isEmpty() && Instant.now().isBefore(end)) {
				watch(bench, waiting, lags, Instant.now().plusMillis(100));
			}
			if (!waiting.isEmpty()) {
				throw new IllegalStateException("%d rows were not purged in %s".formatted(waiting.size(), PATIENCE));
			}
		}
		List<Double> sorted = lags.stream().sorted().toList();
		String what = "purge lag when idle, interval %d s, %d rows".formatted(INTERVAL.toSeconds(), samples);
		return List.of(Measurement.alone(what + ", p50", "ms", sorted.get(samples / 2), null),
				Measurement
					.alone(what + ", longest", "ms", sorted.get(samples - 1),
							Aim.atMost(INTERVAL.plus(BATCH).toNanos() / 1e6))
					.withNote("aim: the interval plus one batch, which may take 250 ms"));
	}

	/**
	 * Note which rows are gone, every few milliseconds.
	 */
	private static void watch(Workbench bench, Map<Long, Instant> waiting, List<Double> lags, Instant until) {
		while (Instant.now().isBefore(until)) {
			Set<Long> present = new HashSet<>(bench.database()
				.jdbc()
				.queryForList("SELECT id FROM users WHERE deletion_time IS NOT NULL", Long.class));
			Instant now = Instant.now();
			waiting.entrySet().removeIf((entry) -> {
				boolean gone = !present.contains(entry.getKey());
				if (gone) {
					lags.add(Duration.between(entry.getValue(), now).toNanos() / 1e6);
				}
				return gone;
			});
			LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
		}
	}

}
