package io.github.deletionpolicy.benchmarks.measure;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What came of a scenario.
 *
 * @param scenario its name
 * @param measurements its lines; none if it failed
 * @param failure why it failed; {@code null} if it did not
 * @param seconds how long it took, with all its preparations
 * @since 0.1
 */
public record Outcome(String scenario, List<Measurement> measurements, @Nullable String failure, double seconds) {

	public Outcome {
		measurements = List.copyOf(measurements);
	}

}
