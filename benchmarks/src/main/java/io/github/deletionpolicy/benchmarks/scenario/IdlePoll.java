package io.github.deletionpolicy.benchmarks.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

import io.github.deletionpolicy.benchmarks.database.Application;
import io.github.deletionpolicy.benchmarks.database.Database;
import io.github.deletionpolicy.benchmarks.database.LedgerTables;
import io.github.deletionpolicy.benchmarks.measure.Aim;
import io.github.deletionpolicy.benchmarks.measure.Latencies;
import io.github.deletionpolicy.benchmarks.measure.Load;
import io.github.deletionpolicy.benchmarks.measure.Measurement;
import io.github.deletionpolicy.benchmarks.measure.Rounds;

/**
 * A poll that finds nothing due, with little and with much pending. The application has
 * one connection, whose counters tell which pages a poll touches.
 */
final class IdlePoll implements Scenario {

	private static final int FEW = 1000;

	private static final int KEYS_PER_OPERATION = 100_000;

	private static final int POLLS = 300;

	@Override
	public String name() {
		return "idle-poll";
	}

	@Override
	public List<Measurement> measure(Workbench bench) {
		int many = bench.sizes().backlogRows();
		try (Application polling = Application.start(bench.url(), "spring.datasource.hikari.maximum-pool-size=1")) {
			List<Poll> withFew = polls(bench, polling, () -> scheduleFew(bench));
			List<Poll> withTenth = polls(bench, polling, () -> scheduleMany(bench, many / 10));
			List<Poll> withMany = polls(bench, polling, () -> scheduleMany(bench, many));
			LedgerTables.clear(bench.database());
			bench.database().run("DROP TABLE another");
			String what = "nothing due, %,d pending: ".formatted(many);
			return List.of(
					Measurement
						.compared(what + "poll, p50", "ms", "%,d pending".formatted(FEW), median(withFew, Poll::millis),
								median(withMany, Poll::millis), Aim.ratioAtMost(1.3))
						.withNote("aim: the same within noise"),
					Measurement.compared(what + "pages touched by a poll", "pages", "%,d pending".formatted(FEW),
							median(withFew, Poll::pages), median(withMany, Poll::pages), null),
					Measurement
						.compared(what + "pages touched by a poll", "pages", "%,d pending".formatted(many / 10),
								median(withTenth, Poll::pages), median(withMany, Poll::pages), Aim.ratioAtMost(1.3))
						.withNote("aim: constant but for one level of an index"));
		}
	}

	private static double median(List<Poll> polls, ToDoubleFunction<Poll> figure) {
		return Rounds.median(polls.stream().mapToDouble(figure).boxed().toList());
	}

	private List<Poll> polls(Workbench bench, Application polling, Runnable prepare) {
		bench.tell("polls with nothing due");
		prepare.run();
		LedgerTables.vacuum(bench.database());
		bench.database().run("CHECKPOINT");
		// The first ones warm up, and forget settled operations, which comes once a
		// minute.
		Load.run(1, POLLS, (i) -> polling.purge(0));
		List<Poll> polls = new ArrayList<>();
		for (int i = 0; i < bench.sizes().repetitions(); i++) {
			long before = pages(polling.database());
			Latencies latencies = Load.run(1, POLLS, (poll) -> polling.purge(0));
			polls.add(new Poll(latencies.p50(), (pages(polling.database()) - before) / (double) POLLS));
		}
		return polls;
	}

	private static long pages(Database database) {
		database.jdbc().queryForList("SELECT 1 FROM pg_stat_force_next_flush()");
		return database.number("""
				SELECT sum(coalesce(heap_blks_hit + heap_blks_read, 0) + coalesce(idx_blks_hit + idx_blks_read, 0)
					+ coalesce(toast_blks_hit + toast_blks_read, 0))
				FROM pg_statio_user_tables WHERE relname LIKE 'deletion\\_%'""");
	}

	private static void scheduleFew(Workbench bench) {
		bench.snapshots().live(FEW).layOut();
		bench.application().deletes().from("users").all().execute();
	}

	/**
	 * Delete many rows once, and copy what the ledger holds of it under other operations,
	 * a minute apart: a poll does not look at the rows.
	 */
	private static void scheduleMany(Workbench bench, int many) {
		bench.snapshots().live(KEYS_PER_OPERATION).layOut();
		bench.application().deletes().from("users").all().execute();
		bench.database().run("DROP TABLE IF EXISTS another");
		bench.database()
			.run("CREATE TABLE another AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, %d) AS n"
				.formatted(many / KEYS_PER_OPERATION - 1));
		bench.database().run("""
				INSERT INTO deletion_operation
				SELECT r.* FROM deletion_operation o CROSS JOIN another a CROSS JOIN LATERAL jsonb_populate_record(o,
					jsonb_build_object('id', a.id, 'token', o.token + a.n * interval '1 minute',
						'purge_at', o.purge_at + a.n * interval '1 minute')) AS r""");
		bench.database().run("""
				INSERT INTO deletion_chunk
				SELECT r.* FROM deletion_chunk c CROSS JOIN another a CROSS JOIN LATERAL jsonb_populate_record(c,
					jsonb_build_object('operation_id', a.id,
						'next_attempt', c.next_attempt + a.n * interval '1 minute')) AS r""");
	}

	private record Poll(double millis, double pages) {
	}

}
