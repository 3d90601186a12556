package io.github.deletionpolicy.benchmarks;

import java.util.List;
import java.util.Locale;

/**
 * Writes measurements down as a table.
 */
final class Report {

	private Report() {
	}

	static String of(List<Measurement> measurements, int rows, String settings) {
		StringBuilder report = new StringBuilder("%,d rows per run, medians; %s%n%n".formatted(rows, settings));
		report.append("| scenario | raw SQL, rows/s | this product, rows/s | ratio | aim | |%n".formatted());
		report.append("|---|---:|---:|---:|---:|---|%n".formatted());
		for (Measurement it : measurements) {
			report.append(String.format(Locale.ROOT, "| %s | %,.0f | %,.0f | %.2f | %.2f | %s |%n", it.scenario(),
					it.raw(), it.product(), it.ratio(), it.aim(), (it.ratio() < it.aim()) ? "falls short" : "met"));
		}
		return report.toString();
	}

}
