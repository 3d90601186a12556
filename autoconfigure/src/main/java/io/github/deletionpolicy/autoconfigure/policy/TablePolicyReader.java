package io.github.deletionpolicy.autoconfigure.policy;

import java.time.Duration;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties.TablePolicy;
import io.github.deletionpolicy.autoconfigure.policy.TableEntries.Entry;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;
import org.springframework.util.StringUtils;

/**
 * Reads an entry under {@code deletion-policy.tables} as a policy. What cannot be meant
 * is refused with label, table and place.
 */
final class TablePolicyReader {

	private final Entry entry;

	private final TablePolicy said;

	private final String table;

	TablePolicyReader(Entry entry, TablePolicy said) {
		this.entry = entry;
		this.said = said;
		this.table = (said.table() != null) ? said.table() : entry.label();
	}

	DeletionPolicy read() {
		checkTable();
		DeletionMode mode = this.said.mode();
		if (mode == null) {
			throw refuse("mode", "has no mode", "Write %s: hard, soft or scheduled.".formatted(property("mode")));
		}
		return switch (mode) {
			case HARD -> hard();
			case SOFT -> soft();
			case SCHEDULED -> scheduled();
		};
	}

	private DeletionPolicy hard() {
		checkAbsent("hard", "delay", this.said.delay(), "scheduled");
		checkAbsent("hard", "hold-condition", this.said.holdCondition(), "scheduled");
		checkAbsent("hard", "deletion-time-column", this.said.deletionTimeColumn(), "soft or scheduled");
		checkAbsent("hard", "live-view", this.said.liveView(), "soft or scheduled");
		return DeletionPolicy.hard(this.table);
	}

	private DeletionPolicy soft() {
		checkAbsent("soft", "delay", this.said.delay(), "scheduled");
		checkAbsent("soft", "hold-condition", this.said.holdCondition(), "scheduled");
		return new DeletionPolicy.Soft(this.table, deletionTimeColumn(), liveView());
	}

	private DeletionPolicy scheduled() {
		return new DeletionPolicy.Scheduled(this.table, delay(), deletionTimeColumn(), liveView(), holdCondition());
	}

	private void checkTable() {
		boolean fromLabel = this.said.table() == null;
		if (fromLabel && this.entry.hasLostCharacters()) {
			throw refuse("mode", "has a label of which only letters from a to z, digits, '-' and '_' can be read",
					"Name the table with %s.".formatted(property("table")));
		}
		try {
			TableName.parse(this.table);
		}
		catch (UnknownTableException ex) {
			throw new InvalidDeletionPolicyException(
					"The policy '%s' (%s) has no table: %s".formatted(this.entry.label(), this.entry.placeOf("table"),
							ex.getMessage()),
					(fromLabel ? "Name the table with %s." : "Correct %s.").formatted(property("table")), ex);
		}
	}

	private Duration delay() {
		Duration delay = this.said.delay();
		if (delay == null) {
			throw refuse("mode", "is scheduled and has no delay",
					"Write %s: 30d, or 0 to purge at the next run.".formatted(property("delay")));
		}
		try {
			return DeletionPolicy.scheduled(this.table, delay).delay();
		}
		catch (InvalidDeletionPolicyException ex) {
			throw new InvalidDeletionPolicyException("%s It is declared as '%s' (%s).".formatted(ex.getDescription(),
					this.entry.label(), this.entry.placeOf("delay")), ex.getAction(), ex);
		}
	}

	private @Nullable String deletionTimeColumn() {
		return checkName("deletion-time-column", this.said.deletionTimeColumn(), 1);
	}

	private @Nullable String liveView() {
		return checkName("live-view", this.said.liveView(), 2);
	}

	private @Nullable String holdCondition() {
		String condition = this.said.holdCondition();
		if (condition != null && !StringUtils.hasText(condition)) {
			throw refuse("hold-condition", "has a blank hold-condition",
					"Write a condition, or remove %s.".formatted(property("hold-condition")));
		}
		return condition;
	}

	private @Nullable String checkName(String attribute, @Nullable String name, int maxParts) {
		if (name != null) {
			try {
				Assert.isTrue(SqlIdentifiers.parse(name).size() <= maxParts, "it has too many parts");
			}
			catch (IllegalArgumentException ex) {
				throw refuse(attribute,
						"has the %s '%s', which is no such name: %s".formatted(attribute, name, ex.getMessage()),
						"Correct %s: write the name as in SQL.".formatted(property(attribute)));
			}
		}
		return name;
	}

	private void checkAbsent(String mode, String attribute, @Nullable Object value, String otherModes) {
		if (value != null) {
			throw refuse(attribute, "is %s and has a %s".formatted(mode, attribute),
					"Remove %s, or write mode: %s.".formatted(property(attribute), otherModes));
		}
	}

	private String property(String attribute) {
		return this.entry.property(attribute);
	}

	private InvalidDeletionPolicyException refuse(String attribute, String complaint, String action) {
		return new InvalidDeletionPolicyException("The policy '%s' for table '%s' %s (%s)."
			.formatted(this.entry.label(), this.table, complaint, this.entry.placeOf(attribute)), action);
	}

}
