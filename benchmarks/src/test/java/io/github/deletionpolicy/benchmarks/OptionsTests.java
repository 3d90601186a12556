package io.github.deletionpolicy.benchmarks;

import io.github.deletionpolicy.benchmarks.scenario.Scenario;
import io.github.deletionpolicy.benchmarks.scenario.Scenarios;
import io.github.deletionpolicy.benchmarks.scenario.Sizes;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class OptionsTests {

	@Test
	void everythingRunsAtFullSizeUnlessToldOtherwise() {
		Options options = Options.parse();
		assertThat(options.scenarios()).hasSameSizeAs(Scenarios.all());
		assertThat(options.sizes()).isEqualTo(Sizes.full(1_000_000));
	}

	@Test
	void namesSelectScenariosInTheOrderInWhichTheyAlwaysRun() {
		assertThat(Options.parse("ledger-size", "quick", "purge-bulk").scenarios()).extracting(Scenario::name)
			.containsExactly("purge-bulk", "ledger-size");
	}

	@Test
	void rowsReplaceTheNumberOfEitherSize() {
		assertThat(Options.parse("rows=20000").sizes()).isEqualTo(Sizes.full(20_000));
		assertThat(Options.parse("rows=20000", "quick").sizes()).isEqualTo(Sizes.quick(20_000));
	}

	@Test
	void anUnknownNameIsAnsweredWithTheNamesThereAre() {
		assertThatIllegalArgumentException().isThrownBy(() -> Options.parse("purge-bulk", "purge-bluk"))
			.withMessageContainingAll("called purge-bluk.", "purge-bulk", "client-heap", "quick", "rows=");
	}

	@Test
	void rowsThatAreNoNumberOrTooFewAreRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> Options.parse("rows=many"))
			.withMessageContaining("rows=many");
		assertThatIllegalArgumentException().isThrownBy(() -> Options.parse("rows=10"))
			.withMessageContaining("from 10000 on");
	}

	@Test
	void noTwoScenariosHaveOneName() {
		assertThat(Scenarios.all()).extracting(Scenario::name).doesNotHaveDuplicates();
	}

}
