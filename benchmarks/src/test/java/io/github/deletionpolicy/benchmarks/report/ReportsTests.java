package io.github.deletionpolicy.benchmarks.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import io.github.deletionpolicy.benchmarks.measure.Aim;
import io.github.deletionpolicy.benchmarks.measure.Measurement;
import io.github.deletionpolicy.benchmarks.measure.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class ReportsTests {

	private static final List<Outcome> OUTCOMES = List.of(
			new Outcome("rates",
					List.of(Measurement.againstRaw("met", "rows/s", 1000, 950, Aim.ratioAtLeast(0.90)),
							Measurement.againstRaw("short", "rows/s", 1000, 850, Aim.ratioAtLeast(0.90)),
							Measurement.againstRaw("slower", "ms", 10, 14, Aim.ratioAtMost(1.3)),
							Measurement.alone("small", "bytes", 8, Aim.atMost(10)),
							Measurement.alone("told", "ns", 12.34, null).withNote("a, \"b\"")),
					null, 12),
			new Outcome("broken", List.of(), "a | b\nc", 1));

	@Test
	void whatFallsShortIsWrittenDownAsFallingShort() {
		assertThat(MarkdownReport.of(OUTCOMES, "here").lines()).contains(
				"| rates | met | rows/s | raw SQL | 1,000 | 950 | 0.95 | ratio ≥ 0.90 | met |",
				"| rates | short | rows/s | raw SQL | 1,000 | 850 | 0.85 | ratio ≥ 0.90 | **falls short** |",
				"| rates | slower | ms | raw SQL | 10.0 | 14.0 | 1.40 | ratio ≤ 1.30 | **falls short** |",
				"| rates | small | bytes |  |  | 8.00 |  | ≤ 10 | met |",
				"| rates | told (a, \"b\") | ns |  |  | 12.3 |  |  |  |");
	}

	@Test
	void aScenarioThatFailedIsALineWithTheReason() {
		assertThat(MarkdownReport.of(OUTCOMES, "here").lines())
			.contains("| broken | **failed:** a \\| b c | | | | | | | failed |");
		assertThat(CsvReport.of(OUTCOMES)).contains("broken,,,,,,,,failed,\"a | b\nc\"\n");
	}

	@Test
	void plainFiguresAreNotRounded() {
		assertThat(CsvReport.of(OUTCOMES).lines()).contains(
				"scenario,measured,unit,against,reference,product,ratio,aim,verdict,note",
				"rates,met,rows/s,raw SQL,1000.0,950.0,0.95,ratio ≥ 0.90,met,",
				"rates,told,ns,,,12.34,,,,\"a, \"\"b\"\"\"");
	}

	@Test
	void thePictureShowsTheRatesBesideRawSql(@TempDir Path folder) throws IOException {
		Path file = folder.resolve("chart.svg");
		RatioChart.write(OUTCOMES, file);
		assertThat(file).content().contains("<svg");
	}

	@Test
	void nothingIsDrawnWhereNoRateIsBesideRawSql(@TempDir Path folder) throws IOException {
		Path file = folder.resolve("chart.svg");
		RatioChart.write(OUTCOMES.subList(1, 2), file);
		assertThat(file).doesNotExist();
	}

}
