package io.github.deletionpolicy.autoconfigure;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

import io.github.deletionpolicy.DeletionMode;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationUnit;

/**
 * What can be said about deletion policies in an application's properties. A property
 * that is not known stops the start: a misspelt delay must not mean "purge at once".
 *
 * @param enabled Whether deletion policies are in force. Without them there are no beans
 * to delete with.
 * @param defaults What holds for policies that do not say otherwise.
 * @param tables Policies by label. A label is the table's name unless the policy names
 * its table.
 * @param purge How due rows are removed for good.
 * @param retention How long the record of a settled delete is kept. A bare number is
 * days.
 * @param schema Tables that record deletes.
 * @param validation What happens when a policy does not fit the database.
 * @param repositories Spring Data JDBC repositories.
 * @param endpoint Actuator endpoint "pendingpurges".
 * @param health What the health of the purge is judged by.
 * @since 0.1
 */
@ConfigurationProperties(prefix = DeletionPolicyProperties.PREFIX, ignoreUnknownFields = false)
public record DeletionPolicyProperties(@DefaultValue("true") boolean enabled, @DefaultValue Defaults defaults,
		@DefaultValue Map<String, TablePolicy> tables, @DefaultValue Purge purge,
		@DurationUnit(ChronoUnit.DAYS) @DefaultValue("30d") Duration retention, @DefaultValue Schema schema,
		@DefaultValue("fail") Validation validation, @DefaultValue Repositories repositories,
		@DefaultValue Endpoint endpoint, @DefaultValue Health health) {

	public static final String PREFIX = "deletion-policy";

	public DeletionPolicyProperties {
		tables = Collections.unmodifiableMap(new LinkedHashMap<>(tables));
		PropertyChecks.durationOfZeroOrMore("retention", retention);
	}

	/**
	 * What holds for policies that do not say otherwise.
	 *
	 * @param deletionTimeColumn Name of the column that carries the deletion time.
	 */
	public record Defaults(@DefaultValue("deletion_time") String deletionTimeColumn) {

		public Defaults {
			PropertyChecks.identifier("defaults.deletion-time-column", deletionTimeColumn);
		}

	}

	/**
	 * What a plain delete of a table's rows does.
	 *
	 * @param table Name of the table, with its schema or without, as in SQL. Defaults to
	 * the label.
	 * @param mode What a plain delete does.
	 * @param delay How long a deleted row is kept before it may be purged. A bare number
	 * is days. Only for the scheduled mode, which needs it.
	 * @param holdCondition SQL condition on the row's own columns that keeps a due row
	 * from being purged. Only for the scheduled mode.
	 * @param deletionTimeColumn Name of the column that carries the deletion time. Not
	 * for the hard mode.
	 * @param liveView Name of a view that shows the live rows only, and stands for the
	 * table wherever one is named. Not for the hard mode.
	 */
	public record TablePolicy(@Nullable String table, @Nullable DeletionMode mode,
			@DurationUnit(ChronoUnit.DAYS) @Nullable Duration delay, @Nullable String holdCondition,
			@Nullable String deletionTimeColumn, @Nullable String liveView) {
	}

	/**
	 * How due rows are removed for good.
	 *
	 * @param enabled Whether this node purges by itself.
	 * @param interval Time between two runs. A bare number is seconds.
	 * @param batchSize Rows removed per transaction, at most.
	 * @param concurrency Workers that may purge at a time, in all nodes together.
	 * @param maxRowsPerSecond Rows removed per second and table, at most, in all nodes
	 * together; -1 for no limit.
	 * @param maxRuntime Time after which a run ends although more is due. A bare number
	 * is seconds.
	 * @param retryDelay Time after which rows that could not be purged are tried again. A
	 * bare number is seconds.
	 * @param brakeAfter Time since the last run after which the purge pauses itself, for
	 * the clock may have been set. A bare number is days.
	 */
	public record Purge(@DefaultValue("true") boolean enabled,
			@DurationUnit(ChronoUnit.SECONDS) @DefaultValue("5s") Duration interval,
			@DefaultValue("1000") int batchSize, @DefaultValue("1") int concurrency,
			@DefaultValue("10000") int maxRowsPerSecond,
			@DurationUnit(ChronoUnit.SECONDS) @DefaultValue("1m") Duration maxRuntime,
			@DurationUnit(ChronoUnit.SECONDS) @DefaultValue("1m") Duration retryDelay,
			@DurationUnit(ChronoUnit.DAYS) @DefaultValue("7d") Duration brakeAfter) {

		public Purge {
			PropertyChecks.durationAboveZero("purge.interval", interval);
			PropertyChecks.range("purge.batch-size", batchSize, 1, 100_000);
			PropertyChecks.range("purge.concurrency", concurrency, 1, 64);
			PropertyChecks.limit("purge.max-rows-per-second", maxRowsPerSecond);
			PropertyChecks.durationAboveZero("purge.max-runtime", maxRuntime);
			PropertyChecks.durationOfZeroOrMore("purge.retry-delay", retryDelay);
			PropertyChecks.durationAboveZero("purge.brake-after", brakeAfter);
		}

	}

	/**
	 * Tables that record deletes.
	 *
	 * @param enabled Whether the tables are created and kept up to date at start.
	 * @param name Name of the schema that the tables live in, as in SQL. Defaults to the
	 * current schema of the connection.
	 */
	public record Schema(@DefaultValue("true") boolean enabled, @Nullable String name) {

		public Schema {
			if (name != null) {
				PropertyChecks.identifier("schema.name", name);
			}
		}

		/**
		 * Return the schema's name as the catalog spells it: what is not quoted folds to
		 * lower case.
		 * @return the name; {@code null} for the current schema of the connection
		 */
		public @Nullable String catalogName() {
			return (this.name != null) ? PropertyChecks.identifier("schema.name", this.name) : null;
		}

	}

	/**
	 * Spring Data JDBC repositories.
	 *
	 * @param enabled Whether their deletes obey the policies. Otherwise they remove rows.
	 * @param derivedDeletes What happens when a derived delete of a repository cannot go
	 * by the policy of its table.
	 */
	public record Repositories(@DefaultValue("true") boolean enabled,
			@DefaultValue("fail") DerivedDeletes derivedDeletes) {
	}

	/**
	 * Actuator endpoint {@code pendingpurges}.
	 *
	 * @param showValues When to show keys, reasons of deletes and messages of the
	 * database. Otherwise they are masked.
	 * @param roles Roles of callers who may see values where that takes an authorization.
	 * Any authenticated caller may if there are none.
	 */
	public record Endpoint(@DefaultValue("never") ShowValues showValues, @DefaultValue Set<String> roles) {

		public Endpoint {
			roles = Collections.unmodifiableSet(new LinkedHashSet<>(roles));
		}

	}

	/**
	 * What the health of the purge is judged by.
	 *
	 * @param problemStatus Status that the health has when something is wrong with the
	 * purge.
	 * @param lateAfter Time after which due rows, or a run, are late. A bare number is
	 * seconds. Defaults to 10 minutes, or to two intervals if that is longer.
	 * @param pausedAfter Time after which a pause is too long. A bare number is days.
	 */
	public record Health(@DefaultValue("degraded") ProblemStatus problemStatus,
			@DurationUnit(ChronoUnit.SECONDS) @Nullable Duration lateAfter,
			@DurationUnit(ChronoUnit.DAYS) @DefaultValue("1d") Duration pausedAfter) {

		private static final Duration LATE = Duration.ofMinutes(10);

		public Health {
			if (lateAfter != null) {
				PropertyChecks.durationAboveZero("health.late-after", lateAfter);
			}
			PropertyChecks.durationOfZeroOrMore("health.paused-after", pausedAfter);
		}

		/**
		 * Return after which time due rows, or a run, are late. How long a run may last
		 * does not matter: a long one says in between that it goes on.
		 * @param purge how due rows are removed
		 * @return what the property says, or else its default
		 */
		Duration lateAfter(Purge purge) {
			if (this.lateAfter != null) {
				return this.lateAfter;
			}
			Duration rounds = purge.interval().multipliedBy(2);
			return (rounds.compareTo(LATE) > 0) ? rounds : LATE;
		}

	}

	/**
	 * When to show values.
	 */
	public enum ShowValues {

		/**
		 * To nobody.
		 */
		NEVER,

		/**
		 * To authenticated callers with one of the roles.
		 */
		WHEN_AUTHORIZED,

		/**
		 * To everybody who may read the endpoint.
		 */
		ALWAYS

	}

	/**
	 * Status of the health when something is wrong with the purge.
	 */
	public enum ProblemStatus {

		/**
		 * The application as a whole stays up.
		 */
		DEGRADED,

		/**
		 * The application as a whole is down, and its health answers with 503.
		 */
		DOWN

	}

	/**
	 * What happens when a policy does not fit the database.
	 */
	public enum Validation {

		/**
		 * The start fails.
		 */
		FAIL,

		/**
		 * A warning is logged.
		 */
		WARN,

		/**
		 * The database is not asked.
		 */
		NONE

	}

	/**
	 * What happens when a derived delete cannot follow the policy of its table.
	 */
	public enum DerivedDeletes {

		/**
		 * The start fails.
		 */
		FAIL,

		/**
		 * A warning is logged, and the method removes rows for good.
		 */
		WARN,

		/**
		 * The method removes rows for good.
		 */
		IGNORE

	}

}
