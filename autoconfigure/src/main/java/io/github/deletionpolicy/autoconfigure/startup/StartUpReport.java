package io.github.deletionpolicy.autoconfigure.startup;

import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.LiveViews;
import io.github.deletionpolicy.doctor.DoctorReport;
import io.github.deletionpolicy.doctor.DoctorReport.Examined;
import io.github.deletionpolicy.doctor.Finding;

import org.springframework.boot.convert.DurationStyle;

/**
 * What the log says of the policies at start.
 */
class StartUpReport {

	private final DeletionPolicyRegistry policies;

	private final DoctorReport examination;

	StartUpReport(DeletionPolicyRegistry policies, DoctorReport examination) {
		this.policies = policies;
		this.examination = examination;
	}

	/**
	 * Return what holds for each table.
	 */
	String policies() {
		List<String> lines = new ArrayList<>();
		for (DeletionPolicy policy : this.policies.policies()) {
			List<Examined> tables = this.examination.tables()
				.stream()
				.filter((examined) -> examined.policy().equals(policy))
				.toList();
			if (tables.isEmpty()) {
				boolean hard = policy instanceof DeletionPolicy.Hard;
				lines.add(head(policy.table(), policy) + (hard ? "" : ", NOT READY"));
			}
			for (Examined examined : tables) {
				lines.add(head(examined.table().name().toString(), policy)
						+ ((examined.plan() != null && isReady(examined)) ? "" : ", NOT READY"));
				if (examined.plan() != null) {
					lines.addAll(details(examined.plan()));
				}
			}
		}
		return "Deletion policies:\n  " + String.join("\n  ", lines);
	}

	private boolean isReady(Examined examined) {
		return this.examination.findings()
			.stream()
			.noneMatch((finding) -> finding.isError() && finding.table().equals(examined.table().name()));
	}

	private String head(String table, DeletionPolicy policy) {
		TableName liveView = LiveViews.of(policy);
		return "%s: %s%s (%s)".formatted(table, mode(policy), (liveView != null) ? ", live view " + liveView : "",
				this.policies.originOf(policy.table()));
	}

	private static List<String> details(CascadePlan plan) {
		List<String> details = new ArrayList<>();
		String along = plan.tables().stream().skip(1).map(TableName::toString).collect(Collectors.joining(", "));
		if (!along.isEmpty()) {
			details.add("    cascades to " + along);
		}
		String refusing = plan.restrictions()
			.stream()
			.map((edge) -> "%s (%s)".formatted(edge.child().name(), SqlIdentifiers.quoteIfNeeded(edge.key().name())))
			.distinct()
			.collect(Collectors.joining(", "));
		if (!refusing.isEmpty()) {
			details.add("    refused while rows refer to it: " + refusing);
		}
		return details;
	}

	private static String mode(DeletionPolicy policy) {
		if (policy instanceof DeletionPolicy.Scheduled scheduled) {
			String hold = (scheduled.holdCondition() != null) ? ", held while " + scheduled.holdCondition() : "";
			return "scheduled, purged after " + DurationStyle.SIMPLE.print(scheduled.delay(), unit(scheduled)) + hold;
		}
		return (policy instanceof DeletionPolicy.Soft) ? "soft" : "hard";
	}

	private static ChronoUnit unit(DeletionPolicy.Scheduled policy) {
		long seconds = policy.delay().toSeconds();
		boolean wholeDays = seconds > 0 && seconds % ChronoUnit.DAYS.getDuration().toSeconds() == 0;
		return wholeDays ? ChronoUnit.DAYS : ChronoUnit.SECONDS;
	}

	/**
	 * Return findings, each with the statements that fix it, and where the policy of its
	 * table was said.
	 */
	String findings(List<Finding> findings) {
		Map<Finding, String> lines = new LinkedHashMap<>();
		for (Finding finding : findings) {
			String origin = this.policies.originOf(finding.table().toString());
			lines.put(finding, "  - %s (%s): %s%s%s".formatted(finding.code(), finding.table(), finding.text(),
					said(origin), (finding.ddl() != null) ? "\n      " + finding.ddl() : ""));
		}
		return String.join("\n", lines.values());
	}

	private static String said(String origin) {
		return origin.equals("no policy") ? "" : " [%s]".formatted(origin);
	}

}
