package io.github.deletionpolicy.autoconfigure.metrics;

import java.util.Locale;
import java.util.function.Supplier;

import io.github.deletionpolicy.DeletionRequest;
import io.github.deletionpolicy.delete.DeletionMonitor;
import io.github.deletionpolicy.purge.PurgeMonitor;
import io.github.deletionpolicy.purge.PurgeReport;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;

/**
 * Observes deletes, restores and runs of the purge, for timers and traces. The names of
 * the observations and their keys are part of the API.
 */
public class DeletionPolicyObservations implements DeletionMonitor, PurgeMonitor {

	private final ObservationRegistry registry;

	public DeletionPolicyObservations(ObservationRegistry registry) {
		this.registry = registry;
	}

	@Override
	public <T> T aroundDelete(DeletionRequest request, Supplier<T> delete) {
		Observation observation = Observation.createNotStarted("deletion.policy.delete", this.registry)
			.contextualName("delete " + request.table().name())
			.lowCardinalityKeyValue("table", request.table().name().toString())
			.lowCardinalityKeyValue("mode", request.mode().name().toLowerCase(Locale.ROOT));
		return observe(observation, delete);
	}

	@Override
	public <T> T aroundRestore(boolean byOperation, Supplier<T> restore) {
		Observation observation = Observation.createNotStarted("deletion.policy.restore", this.registry)
			.lowCardinalityKeyValue("by", byOperation ? "operation" : "rows");
		return observe(observation, restore);
	}

	@Override
	public PurgeReport around(Supplier<PurgeReport> run) {
		Observation observation = Observation.createNotStarted("deletion.policy.purge", this.registry)
			.lowCardinalityKeyValue("outcome", "stopped");
		return observe(observation, () -> {
			PurgeReport report = run.get();
			observation.lowCardinalityKeyValue("outcome", outcome(report));
			return report;
		});
	}

	private static String outcome(PurgeReport report) {
		if (report.total() > 0) {
			return "purged";
		}
		return report.didSomething() ? "vain" : "idle";
	}

	private static <T> T observe(Observation observation, Supplier<T> work) {
		observation.start();
		Observation.Scope scope = observation.openScope();
		try {
			return work.get();
		}
		catch (RuntimeException | Error ex) {
			observation.error(ex);
			throw ex;
		}
		finally {
			scope.close();
			observation.stop();
		}
	}

}
