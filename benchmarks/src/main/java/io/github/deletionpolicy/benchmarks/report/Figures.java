package io.github.deletionpolicy.benchmarks.report;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Writes numbers so that they can be compared at a glance.
 */
final class Figures {

	private Figures() {
	}

	static String figure(@Nullable Double value) {
		if (value == null) {
			return "";
		}
		double size = Math.abs(value);
		return String.format(Locale.ROOT, (size >= 100) ? "%,.0f" : (size >= 10) ? "%.1f" : "%.2f", value);
	}

}
