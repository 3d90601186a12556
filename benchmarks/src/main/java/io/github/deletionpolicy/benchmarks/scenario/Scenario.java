package io.github.deletionpolicy.benchmarks.scenario;

import java.util.List;

import io.github.deletionpolicy.benchmarks.measure.Measurement;

/**
 * One question and how it is answered.
 *
 * @since 0.1
 */
public interface Scenario {

	/**
	 * Return the name to select the scenario with.
	 * @return a word or several with hyphens
	 */
	String name();

	/**
	 * Measure.
	 * @param bench where
	 * @return the lines of the result
	 * @throws Exception if anything goes wrong
	 */
	List<Measurement> measure(Workbench bench) throws Exception;

}
