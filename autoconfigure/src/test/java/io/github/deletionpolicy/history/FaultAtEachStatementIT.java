package io.github.deletionpolicy.history;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import io.github.deletionpolicy.history.Fault.Type;
import io.github.deletionpolicy.history.History.Workers;
import io.github.deletionpolicy.history.Step.Ending;
import io.github.deletionpolicy.history.Step.Transaction;
import io.github.deletionpolicy.support.LogLevels;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whichever statement of an operation fails, no success is reported that did not happen,
 * and nothing happens that was not reported. Chance seldom picks the last statement of a
 * transaction; here each has its turn.
 */
class FaultAtEachStatementIT {

	private static final int AT_A_TIME = 6;

	private static final int MOST_STATEMENTS = 100;

	private static Server server;

	private static Histories histories;

	@BeforeAll
	static void start() {
		server = Server.start(false);
		histories = new Histories(server.database(), AT_A_TIME);
	}

	@AfterAll
	static void stop() {
		histories.close();
		server.close();
		LogLevels.reset();
	}

	@ParameterizedTest
	@CsvSource({ "DELETE, BOOKING", "DELETE, NOTE", "DELETE_SCHEDULED, DOCUMENT", "DELETE_MANY, DOCUMENT",
			"DELETE_WHERE, LETTER", "DELETE_HARD, NOTE", "DELETE_AGAIN, DOCUMENT", "RESTORE, DOCUMENT",
			"RESTORE_ROW, DOCUMENT", "CANCEL, DOCUMENT", "PURGE_NOW, DOCUMENT" })
	void whatIsToldIsTrueWhicheverStatementFails(OperationKind kind, Relation relation) throws InterruptedException {
		for (boolean inTransaction : new boolean[] { false, true }) {
			int statements = 0;
			boolean more = true;
			while (more) {
				List<History> next = IntStream.rangeClosed(statements + 1, statements + AT_A_TIME)
					.mapToObj((at) -> history(kind, relation, inTransaction, new Fault(Type.DEADLOCK, at)))
					.toList();
				long before = failed();
				assertThat(histories.run(next)).isNull();
				long failed = failed() - before;
				statements += (int) failed;
				more = failed == AT_A_TIME;
				assertThat(statements).isLessThan(MOST_STATEMENTS);
			}
			assertThat(statements).as("statements that failed").isGreaterThan(1);
		}
	}

	private static long failed() {
		return histories.counts().getOrDefault("fault " + Log.Incident.CLIENT_DEADLOCK, 0L);
	}

	private static History history(OperationKind kind, Relation relation, boolean inTransaction, Fault fault) {
		Step before = step(OperationKind.DELETE_SCHEDULED, relation, Fault.NONE);
		Step failing = inTransaction
				? new Step(OperationKind.TRANSACTION, relation, 0, 0, Duration.ZERO, false, fault,
						new Transaction(List.of(step(kind, relation, Fault.NONE)), Ending.COMMIT, false))
				: step(kind, relation, fault);
		List<Step> program = kind.deletes() ? List.of(failing) : List.of(before, failing);
		return new History(fault.at(), new Workers(3, 1, 0), List.of(program));
	}

	private static Step step(OperationKind kind, Relation relation, Fault fault) {
		return new Step(kind, relation, 2, 2, Duration.ofMillis(60), false, fault, Transaction.NONE);
	}

}
