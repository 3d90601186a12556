package io.github.deletionpolicy.autoconfigure;

import java.util.Arrays;
import java.util.List;

import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties.Validation;
import io.github.deletionpolicy.doctor.Doctor;
import io.github.deletionpolicy.doctor.DoctorReport;
import io.github.deletionpolicy.doctor.Finding;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Lets the doctor see the policies when the application starts, so that a mistake shows
 * now and not when the first row is due, and says what they mean.
 */
class DeletionPolicyCheck implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(DeletionPolicyCheck.class);

	private final DeletionPolicyRegistry policies;

	private final Doctor doctor;

	private final DeletionJdbc jdbc;

	private final Validation validation;

	private final @Nullable MissingPart clock;

	DeletionPolicyCheck(DeletionPolicyRegistry policies, Doctor doctor, DeletionJdbc jdbc, Validation validation,
			@Nullable MissingPart clock) {
		this.policies = policies;
		this.doctor = doctor;
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
		DoctorReport found = this.doctor.report();
		StartUpReport report = new StartUpReport(this.policies, found);
		obey(report, found.findings().stream().filter(Finding::isError).toList());
		warn(report, found.findings().stream().filter((finding) -> !finding.isError()).toList());
		this.doctor.register(found);
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

}
