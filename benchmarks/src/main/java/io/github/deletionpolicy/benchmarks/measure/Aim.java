package io.github.deletionpolicy.benchmarks.measure;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * What a measurement is compared with.
 *
 * @param kind what is bounded, and how
 * @param bound the bound itself: a ratio, or a figure in the unit of the measurement
 * @since 0.1
 */
public record Aim(Kind kind, double bound) {

	/**
	 * Aim for a ratio of product to reference that is no less than this.
	 * @param bound the ratio
	 * @return the aim
	 */
	public static Aim ratioAtLeast(double bound) {
		return new Aim(Kind.RATIO_AT_LEAST, bound);
	}

	/**
	 * Aim for a ratio of product to reference that is no more than this.
	 * @param bound the ratio
	 * @return the aim
	 */
	public static Aim ratioAtMost(double bound) {
		return new Aim(Kind.RATIO_AT_MOST, bound);
	}

	/**
	 * Aim for a figure that is no more than this.
	 * @param bound the figure, in the unit of the measurement
	 * @return the aim
	 */
	public static Aim atMost(double bound) {
		return new Aim(Kind.AT_MOST, bound);
	}

	boolean isMetBy(double product, @Nullable Double ratio) {
		return switch (this.kind) {
			case RATIO_AT_LEAST -> ratio != null && ratio >= this.bound;
			case RATIO_AT_MOST -> ratio != null && ratio <= this.bound;
			case AT_MOST -> product <= this.bound;
		};
	}

	@Override
	public String toString() {
		String number = (this.bound < 10 && this.bound != Math.rint(this.bound))
				? String.format(Locale.ROOT, "%.2f", this.bound) : String.format(Locale.ROOT, "%,.0f", this.bound);
		return switch (this.kind) {
			case RATIO_AT_LEAST -> "ratio ≥ " + number;
			case RATIO_AT_MOST -> "ratio ≤ " + number;
			case AT_MOST -> "≤ " + number;
		};
	}

	/**
	 * What is bounded, and how.
	 */
	public enum Kind {

		/** The ratio, from below. */
		RATIO_AT_LEAST,
		/** The ratio, from above. */
		RATIO_AT_MOST,
		/** The product's figure, from above. */
		AT_MOST

	}

}
