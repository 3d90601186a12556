package io.github.deletionpolicy.autoconfigure.startup;

import java.util.Arrays;
import java.util.List;

import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties.Validation;
import io.github.deletionpolicy.autoconfigure.require.DeletionJdbc;
import io.github.deletionpolicy.autoconfigure.require.MissingPart;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.doctor.Doctor;
import io.github.deletionpolicy.doctor.DoctorReport;
import io.github.deletionpolicy.doctor.DoctorReport.Examined;
import io.github.deletionpolicy.doctor.Finding;
import io.github.deletionpolicy.doctor.FindingCode;
import io.github.deletionpolicy.ledger.LedgerWriter;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Lets the doctor see the policies when the application starts, so that a mistake shows
 * now and not when the first row is due, and says what they mean.
 */
public class DeletionPolicyCheck implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(DeletionPolicyCheck.class);

	private final DeletionPolicyRegistry policies;

	private final Doctor doctor;

	private final LedgerWriter ledger;

	private final DeletionJdbc jdbc;

	private final Validation validation;

	private final @Nullable MissingPart clock;

	public DeletionPolicyCheck(DeletionPolicyRegistry policies, Doctor doctor, LedgerWriter ledger, DeletionJdbc jdbc,
			Validation validation, @Nullable MissingPart clock) {
		this.policies = policies;
		this.doctor = doctor;
		this.ledger = ledger;
		this.jdbc = jdbc;
		this.validation = validation;
		this.clock = clock;
	}

	@Override
	public void afterSingletonsInstantiated() {
		requireParts();
		if (this.policies.policies().isEmpty()) {
			return;
		}
		DoctorReport examination = this.doctor.examination();
		StartUpReport report = new StartUpReport(this.policies, examination);
		obey(report, examination.findings().stream().filter(Finding::isError).toList());
		warn(report, examination.findings().stream().filter((finding) -> !finding.isError()).toList());
		register(examination);
		logger.info(report.policies());
	}

	private void requireParts() {
		for (MissingPart part : Arrays.asList(this.jdbc.missing(), this.clock)) {
			if (part != null) {
				part.refuse(this.policies);
				logger.info("Rows cannot be kept or purged on this node. " + part);
			}
		}
	}

	private void obey(StartUpReport report, List<Finding> errors) {
		if (errors.isEmpty()) {
			return;
		}
		String description = "%s in the database %s not fit the deletion policies:\n%s".formatted(
				(errors.size() == 1) ? "One thing" : errors.size() + " things", (errors.size() == 1) ? "does" : "do",
				report.findings(errors));
		switch (this.validation) {
			case FAIL -> throw new InvalidDeletionPolicyException(description,
					"Correct the policies, or the tables with the statements above; deletion-policy.validation=warn only warns.");
			case WARN -> logger.warn(description);
			case NONE -> logger.debug(description);
		}
	}

	private void warn(StartUpReport report, List<Finding> warnings) {
		if (warnings.isEmpty()) {
			return;
		}
		String text = "%s for the deletion policies:\n%s".formatted(
				(warnings.size() == 1) ? "One warning" : warnings.size() + " warnings", report.findings(warnings));
		if (this.validation == Validation.NONE) {
			logger.debug(text);
		}
		else {
			logger.warn(text);
		}
	}

	/**
	 * So that the first delete from a table need not.
	 */
	private void register(DoctorReport examination) {
		if (examination.findings().stream().anyMatch((finding) -> finding.code() == FindingCode.MISSING_PRIVILEGE)) {
			return;
		}
		List<CascadePlan.Node> unknown = examination.tables()
			.stream()
			.map(Examined::plan)
			.filter((plan) -> plan != null)
			.flatMap((plan) -> plan.nodes().stream())
			.filter(this::isUnknown)
			.toList();
		if (!unknown.isEmpty()) {
			this.jdbc.callers()
				.executeWithoutResult((status) -> unknown
					.forEach((node) -> this.ledger.register(node.name(), node.requireDeletionTime().name())));
		}
	}

	private boolean isUnknown(CascadePlan.Node node) {
		Column deletionTime = node.deletionTime();
		return deletionTime != null && !this.ledger.isRegistered(node.name(), deletionTime.name());
	}

}
