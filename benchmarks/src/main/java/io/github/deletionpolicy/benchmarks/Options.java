package io.github.deletionpolicy.benchmarks;

import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.benchmarks.scenario.Scenario;
import io.github.deletionpolicy.benchmarks.scenario.Scenarios;
import io.github.deletionpolicy.benchmarks.scenario.Sizes;

/**
 * What the command line asks for.
 *
 * @param sizes how much of everything
 * @param scenarios what to measure
 */
record Options(Sizes sizes, List<Scenario> scenarios) {

	private static final String QUICK = "quick";

	private static final String ROWS = "rows=";

	private static final int FULL_ROWS = 1_000_000;

	private static final int QUICK_ROWS = 50_000;

	/**
	 * Fewer make no sense of a rate.
	 */
	private static final int LEAST_ROWS = 10_000;

	/**
	 * Read the command line.
	 * @param arguments {@code quick}, {@code rows=100000}, and names of scenarios, in any
	 * order; all scenarios if none is named
	 * @throws IllegalArgumentException if an argument means nothing
	 */
	static Options parse(String... arguments) {
		boolean quick = false;
		Integer rows = null;
		List<String> names = new ArrayList<>();
		for (String argument : arguments) {
			if (argument.equals(QUICK)) {
				quick = true;
			}
			else if (argument.startsWith(ROWS)) {
				rows = rows(argument.substring(ROWS.length()));
			}
			else {
				names.add(argument);
			}
		}
		Sizes sizes = quick ? Sizes.quick((rows != null) ? rows : QUICK_ROWS)
				: Sizes.full((rows != null) ? rows : FULL_ROWS);
		return new Options(sizes, scenarios(names));
	}

	private static int rows(String text) {
		try {
			int rows = Integer.parseInt(text);
			if (rows >= LEAST_ROWS) {
				return rows;
			}
		}
		catch (NumberFormatException ex) {
			// Said below.
		}
		throw new IllegalArgumentException(
				"rows=%s is no number of rows. Write a whole number from %d on.".formatted(text, LEAST_ROWS));
	}

	private static List<Scenario> scenarios(List<String> names) {
		List<Scenario> all = Scenarios.all();
		List<String> known = all.stream().map(Scenario::name).toList();
		List<String> unknown = names.stream().filter((name) -> !known.contains(name)).toList();
		if (!unknown.isEmpty()) {
			throw new IllegalArgumentException(
					"No scenario is called %s. Write %s, %s100000, or names of scenarios: %s."
						.formatted(String.join(", ", unknown), QUICK, ROWS, String.join(", ", known)));
		}
		return names.isEmpty() ? all : all.stream().filter((scenario) -> names.contains(scenario.name())).toList();
	}

}
