package io.github.deletionpolicy.autoconfigure.health;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties.ProblemStatus;
import io.github.deletionpolicy.operator.Backlog.LastRun;
import io.github.deletionpolicy.operator.Backlog.Reading;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.dao.DataAccessException;

/**
 * Says whether rows go when they are due. All nodes say the same: what is asked is the
 * record, not the node.
 */
public class DeletionPolicyHealthIndicator extends AbstractHealthIndicator {

	private static final Log log = LogFactory.getLog(DeletionPolicyHealthIndicator.class);

	private final RecentBacklog backlog;

	private final PurgeProblems problems;

	private final Status problemStatus;

	public DeletionPolicyHealthIndicator(RecentBacklog backlog, Duration lateAfter, Duration pausedAfter,
			ProblemStatus problemStatus) {
		super("The health of the purge could not be determined");
		this.backlog = backlog;
		this.problems = new PurgeProblems(lateAfter, pausedAfter);
		this.problemStatus = new Status(problemStatus.name());
	}

	/**
	 * A database that is away is another indicator's to report.
	 */
	@Override
	protected void doHealthCheck(Health.Builder builder) {
		Reading reading;
		try {
			reading = this.backlog.read();
		}
		catch (DataAccessException ex) {
			builder.status(this.problemStatus).withDetail("problems", List.of("The record of deletes cannot be read."));
			log.warn("The record of deletes cannot be read", ex);
			return;
		}
		List<String> found = this.problems.of(reading);
		builder.status(found.isEmpty() ? Status.UP : this.problemStatus);
		if (!found.isEmpty()) {
			builder.withDetail("problems", found);
		}
		LastRun last = reading.lastRun();
		builder.withDetail("lastRun", (last != null) ? described(last) : "none");
	}

	private static Map<String, Object> described(LastRun run) {
		Map<String, Object> described = new LinkedHashMap<>();
		described.put("began", run.beganAt().toString());
		described.put("ended", run.endedAt().toString());
		described.put("node", run.node());
		described.put("rows", run.rows());
		return described;
	}

}
