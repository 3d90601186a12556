package io.github.deletionpolicy.benchmarks.report;

import java.util.List;
import java.util.Locale;

import io.github.deletionpolicy.benchmarks.measure.Measurement;
import io.github.deletionpolicy.benchmarks.measure.Outcome;

/**
 * The result as a table, for people.
 *
 * @since 0.1
 */
public final class MarkdownReport {

	private MarkdownReport() {
	}

	/**
	 * Write the table.
	 * @param outcomes what was measured
	 * @param machine on what
	 * @return the text
	 */
	public static String of(List<Outcome> outcomes, String machine) {
		StringBuilder text = new StringBuilder("Medians, side by side in one run; %s.%n%n".formatted(machine));
		text.append(
				"| scenario | measured | unit | against | its figure | this product | ratio | aim | |%n".formatted());
		text.append("|---|---|---|---|---:|---:|---:|---|---|%n".formatted());
		for (Outcome outcome : outcomes) {
			outcome.measurements().forEach((it) -> text.append(line(outcome.scenario(), it)));
			if (outcome.failure() != null) {
				text.append("| %s | **failed:** %s | | | | | | | failed |%n".formatted(outcome.scenario(),
						outcome.failure().replace("|", "\\|").replaceAll("\\s+", " ")));
			}
		}
		text.append("%nTime: %s.%n".formatted(String.join(", ",
				outcomes.stream()
					.map((it) -> String.format(Locale.ROOT, "%s %.0f s", it.scenario(), it.seconds()))
					.toList())));
		return text.toString();
	}

	private static String line(String scenario, Measurement it) {
		String what = it.note().isEmpty() ? it.what() : it.what() + " (" + it.note() + ")";
		String verdict = it.verdict();
		return "| %s | %s | %s | %s | %s | %s | %s | %s | %s |%n".formatted(scenario, what, it.unit(), it.against(),
				Figures.figure(it.reference()), Figures.figure(it.product()), Figures.figure(it.ratio()),
				(it.aim() != null) ? it.aim() : "", verdict.equals("falls short") ? "**falls short**" : verdict);
	}

}
