package io.github.deletionpolicy.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties.Validation;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimes;
import io.github.deletionpolicy.catalog.Finding;
import io.github.deletionpolicy.catalog.LiveViewCheck;
import io.github.deletionpolicy.catalog.LiveViews;
import io.github.deletionpolicy.catalog.Sql;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.Ledger;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * Holds the policies against the database when the application starts, so that a mistake
 * shows now and not when the first row is due.
 */
class DeletionPolicyCheck implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(DeletionPolicyCheck.class);

	private final DeletionPolicyRegistry policies;

	private final Catalog catalog;

	private final CascadePlans plans;

	private final Ledger ledger;

	private final DeletionTimes deletionTimes;

	private final LiveViewCheck liveViewCheck;

	private final DeletionJdbc jdbc;

	private final Validation validation;

	private final @Nullable MissingPart clock;

	DeletionPolicyCheck(DeletionPolicyRegistry policies, Catalog catalog, CascadePlans plans, Ledger ledger,
			DeletionTimes deletionTimes, DeletionJdbc jdbc, Validation validation, @Nullable MissingPart clock) {
		this.policies = policies;
		this.catalog = catalog;
		this.plans = plans;
		this.ledger = ledger;
		this.deletionTimes = deletionTimes;
		this.liveViewCheck = new LiveViewCheck(jdbc.jdbc());
		this.jdbc = jdbc;
		this.validation = validation;
		this.clock = clock;
	}

	@Override
	public void afterSingletonsInstantiated() {
		requireParts();
		List<String> lines = new ArrayList<>();
		if (!this.policies.policies().isEmpty()) {
			this.ledger.readTables();
		}
		for (DeletionPolicy policy : this.policies.policies()) {
			lines.add(check(policy));
		}
		if (!lines.isEmpty()) {
			logger.info("Deletion policies:\n  " + String.join("\n  ", lines));
		}
	}

	private void requireParts() {
		for (MissingPart part : Arrays.asList(this.jdbc.missing(), this.clock)) {
			if (part != null) {
				part.refuse(this.policies);
				logger.info("Rows cannot be kept or purged on this node. " + part);
			}
		}
	}

	private String check(DeletionPolicy policy) {
		String origin = this.policies.originOf(policy.table());
		String line = "%s: %s (%s)".formatted(policy.table(), described(policy), origin);
		if (policy.mode() == DeletionMode.HARD) {
			return line;
		}
		try {
			tablesOf(policy).forEach((table) -> check(policy, table));
			return line;
		}
		catch (DataAccessException ex) {
			String problem = (ex instanceof InvalidDataAccessApiUsageException) ? String.valueOf(ex.getMessage())
					: NestedExceptionUtils.getMostSpecificCause(ex).getMessage();
			String description = "The policy for table '%s' (%s) does not fit the database. %s"
				.formatted(policy.table(), origin, problem);
			switch (this.validation) {
				case FAIL -> throw new InvalidDeletionPolicyException(description,
						"Correct the policy or the table; deletion-policy.validation=warn only warns.", ex);
				case WARN -> logger.warn(description);
				case NONE -> logger.debug(description);
			}
			return line + ", NOT READY";
		}
	}

	private void check(DeletionPolicy policy, Table table) {
		table.recordableKey();
		Column deletionTime = this.deletionTimes.of(policy, table);
		checkHold(policy, table);
		CascadePlan plan = this.plans.planFor(table, deletionTime);
		plan.nodes().forEach(plan::pathsFrom);
		List<CascadePlan.Node> unknown = plan.nodes().stream().filter(this::isUnknown).toList();
		if (!unknown.isEmpty()) {
			this.jdbc.callers()
				.executeWithoutResult((status) -> unknown
					.forEach((node) -> this.ledger.register(node.name(), node.requireDeletionTime().name())));
		}
		checkLiveView(policy, table, deletionTime);
	}

	private void checkLiveView(DeletionPolicy policy, Table table, Column deletionTime) {
		TableName liveView = LiveViews.of(policy);
		if (liveView == null) {
			return;
		}
		List<Finding> findings = this.liveViewCheck.check(liveView, table, deletionTime);
		findings.stream().filter((finding) -> finding.severity() == Finding.Severity.WARNING).forEach((finding) -> {
			if (this.validation == Validation.NONE) {
				logger.debug(finding);
			}
			else {
				logger.warn(finding);
			}
		});
		List<String> errors = findings.stream()
			.filter((finding) -> finding.severity() == Finding.Severity.ERROR)
			.map(Finding::toString)
			.toList();
		if (!errors.isEmpty()) {
			throw new UnsupportedTableException(String.join(" ", errors));
		}
	}

	private boolean isUnknown(CascadePlan.Node node) {
		Column deletionTime = node.deletionTime();
		return deletionTime != null && !this.ledger.isRegistered(node.name(), deletionTime.name());
	}

	/**
	 * A policy without a schema may be for tables that only tenants have, in schemas
	 * which no connection searches yet.
	 */
	private List<Table> tablesOf(DeletionPolicy policy) {
		TableName name = TableName.parse(policy.table());
		try {
			return List.of(this.catalog.table(name));
		}
		catch (UnknownTableException | UnsupportedTableException ex) {
			List<Table> tables = (name.schema() != null) ? List.of()
					: this.catalog.namesakes(name)
						.stream()
						.filter((table) -> this.policies.policyFor(table.toString()).equals(policy))
						.map(this.catalog::table)
						.toList();
			if (tables.isEmpty()) {
				throw ex;
			}
			return tables;
		}
	}

	/**
	 * In a prepared statement, as the purge uses it: there a question mark is a
	 * parameter.
	 */
	private void checkHold(DeletionPolicy policy, Table table) {
		String hold = (policy instanceof DeletionPolicy.Scheduled it) ? it.holdCondition() : null;
		if (hold == null) {
			return;
		}
		try {
			Sql.of("SELECT ((%s)) IS TRUE FROM %s AS t LIMIT 0".formatted(hold, table.name().toSql()))
				.list(this.jdbc.jdbc(), (rs, row) -> true);
		}
		catch (DataIntegrityViolationException ex) {
			if (hold.replace("??", "").contains("?")) {
				throw new UnsupportedTableException(
						"The hold condition '%s' has a question mark, which is a parameter. Write ?? for the operator, as in labels ?? 'hold'."
							.formatted(hold));
			}
			throw ex;
		}
	}

	private static String described(DeletionPolicy policy) {
		TableName liveView = LiveViews.of(policy);
		return modeOf(policy) + ((liveView != null) ? ", live view " + liveView : "");
	}

	private static String modeOf(DeletionPolicy policy) {
		if (policy instanceof DeletionPolicy.Scheduled it) {
			Duration delay = it.delay();
			String hold = (it.holdCondition() != null) ? ", held while " + it.holdCondition() : "";
			return "scheduled, purged after " + DurationStyle.SIMPLE.print(delay, java.time.temporal.ChronoUnit.SECONDS)
					+ hold;
		}
		return (policy.mode() == DeletionMode.SOFT) ? "soft" : "hard";
	}

}
