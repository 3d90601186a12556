package io.github.deletionpolicy.benchmarks;

/**
 * What one scenario took.
 *
 * @param scenario what was done
 * @param raw rows per second with raw SQL, the median of the repetitions
 * @param product rows per second with this product, the median of the repetitions
 * @param aim the least ratio of the two that is aimed for
 */
record Measurement(String scenario, double raw, double product, double aim) {

	double ratio() {
		return this.product / this.raw;
	}

}
