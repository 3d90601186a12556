package io.github.deletionpolicy.history;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

import io.github.deletionpolicy.history.Histories.Finding;
import io.github.deletionpolicy.history.MutantRunner.Result;
import io.github.deletionpolicy.support.LogLevels;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Nothing is lost and nothing is purged wrongly, whatever clients, workers and faults do
 * to each other; and where the code is made wrong on purpose the same histories show it.
 * <p>
 * The system property {@code test.histories} makes a campaign of it: so many histories
 * and all mutants, with a report.
 */
class HistoriesIT {

	private static final long CAMPAIGN = Long.getLong("test.histories", 0);

	private static final int AT_A_TIME = Integer.getInteger("test.histories-at-a-time", 6);

	private static final Path SOURCES = Path.of("../core/src/main/java");

	private static Server server;

	@BeforeAll
	static void start() {
		server = Server.start(false);
	}

	@AfterAll
	static void stop() {
		server.close();
		LogLevels.reset();
	}

	@Test
	void nothingIsLostAndNothingIsPurgedWronglyInHistoriesThatAreKnown() throws Exception {
		assertThatNothingGoesWrong(1, 60);
	}

	@Test
	void nothingIsLostAndNothingIsPurgedWronglyInHistoriesThatAreNew() throws Exception {
		long fresh = ThreadLocalRandom.current().nextLong(1_000_000, 1_000_000_000_000L);
		System.out.printf("Fresh histories have the seeds from %d%n", fresh);
		assertThatNothingGoesWrong(fresh, 60);
	}

	private static void assertThatNothingGoesWrong(long first, int count) throws Exception {
		try (Histories histories = new Histories(server.database(), AT_A_TIME)) {
			Finding found = histories.run(first, count, (done) -> {
			});
			if (found != null) {
				throw new AssertionError("Seed %d went wrong:%n%s%nThe shortest history that shows it:%n%s".formatted(
						found.history().seed(), String.join("\n", found.violations()), histories.shortest(found)));
			}
			assertThat(histories.done()).isEqualTo(count);
		}
	}

	@ParameterizedTest
	@EnumSource
	void nothingIsLostAndNothingIsPurgedWronglyWhenTheServerFails(ServerFailure failure) throws Exception {
		String obstacle = failure.obstacle();
		assumeTrue(obstacle == null, obstacle);
		Histories.silence();
		assertThat(failure.run(1, 3, (result) -> assertThat(result.log().incidents())
			.containsEntry(Log.Incident.valueOf(failure.name()), 1))).isNull();
	}

	@ParameterizedTest
	@EnumSource(names = { "TOKEN_CHECK_REMOVED", "SETTLED_WITHOUT_PROOF", "RESTORED_BY_TIME_WINDOW" })
	void whatIsMadeWrongOnPurposeIsCaught(Mutant mutant, @TempDir(cleanup = CleanupMode.ON_SUCCESS) Path target)
			throws IOException, InterruptedException {
		Result result = MutantRunner.run(mutant, SOURCES, target, server.database(), 400);
		assertThat(result.histories()).as(result.violation()).isPositive();
	}

	@Test
	void nothingGoesWrongInACampaignAndAllMutantsAreCaught() throws Exception {
		assumeTrue(CAMPAIGN > 0, "-Dtest.histories=10000 makes a campaign of it");
		Campaign campaign = new Campaign(Path.of("target/histories.properties"), CAMPAIGN);
		Finding found = campaign.run(server, AT_A_TIME);
		assertThat(found).isNull();
		var atLarge = campaign.runMutants(server, SOURCES, Path.of("target/mutants"), 5_000);
		campaign.report(Path.of("../docs/proof/histories.md"));
		assertThat(atLarge).isEmpty();
		assertThat(campaign.missing()).isEmpty();
	}

}
