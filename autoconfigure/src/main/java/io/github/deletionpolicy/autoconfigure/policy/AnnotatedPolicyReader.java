package io.github.deletionpolicy.autoconfigure.policy;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

import io.github.deletionpolicy.Deletion;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.SqlIdentifiers;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.Assert;
import org.springframework.util.StringUtils;

/**
 * Reads a {@link Deletion} on a class as a policy. What cannot be meant is refused with
 * table and class.
 */
final class AnnotatedPolicyReader {

	private final Class<?> type;

	private final Deletion said;

	private final String table;

	AnnotatedPolicyReader(Class<?> type, String table) {
		Deletion said = AnnotatedElementUtils.findMergedAnnotation(type, Deletion.class);
		Assert.state(said != null, () -> "%s has no @Deletion".formatted(type));
		this.type = type;
		this.said = said;
		this.table = table;
	}

	DeletionPolicy read() {
		return switch (this.said.mode()) {
			case HARD -> hard();
			case SOFT -> soft();
			case SCHEDULED -> scheduled();
		};
	}

	private DeletionPolicy hard() {
		checkAbsent("hard", "delay", this.said.delay(), "SCHEDULED");
		checkAbsent("hard", "holdCondition", this.said.holdCondition(), "SCHEDULED");
		checkAbsent("hard", "deletionTimeColumn", this.said.deletionTimeColumn(), "SOFT or SCHEDULED");
		return DeletionPolicy.hard(this.table);
	}

	private DeletionPolicy soft() {
		checkAbsent("soft", "delay", this.said.delay(), "SCHEDULED");
		checkAbsent("soft", "holdCondition", this.said.holdCondition(), "SCHEDULED");
		return new DeletionPolicy.Soft(this.table, deletionTimeColumn(), null);
	}

	private DeletionPolicy scheduled() {
		return new DeletionPolicy.Scheduled(this.table, delay(), deletionTimeColumn(), null, holdCondition());
	}

	private Duration delay() {
		String delay = this.said.delay();
		if (delay.isEmpty()) {
			throw refuse("is scheduled and has no delay",
					"Write delay = \"30d\", or delay = \"0\" to purge at the next run.");
		}
		Duration parsed;
		try {
			parsed = DurationStyle.detectAndParse(delay, ChronoUnit.DAYS);
		}
		catch (IllegalArgumentException ex) {
			throw refuse("has the delay '%s', which is no duration".formatted(delay),
					"Write a delay such as \"30d\", \"12h\" or \"PT12H\"; a bare number is days.");
		}
		try {
			return DeletionPolicy.scheduled(this.table, parsed).delay();
		}
		catch (InvalidDeletionPolicyException ex) {
			throw new InvalidDeletionPolicyException(
					"%s It is declared by @Deletion on class %s.".formatted(ex.getDescription(), this.type.getName()),
					"Write a delay of zero or more and up to %d days, such as \"30d\"."
						.formatted(DeletionPolicy.Scheduled.MAX_DELAY.toDays()),
					ex);
		}
	}

	private @Nullable String deletionTimeColumn() {
		String column = this.said.deletionTimeColumn();
		if (column.isEmpty()) {
			return null;
		}
		try {
			Assert.isTrue(SqlIdentifiers.parse(column).size() == 1, "it has too many parts");
			return column;
		}
		catch (IllegalArgumentException ex) {
			throw refuse(
					"has the deletionTimeColumn '%s', which is no such name: %s".formatted(column, ex.getMessage()),
					"Write the name as in SQL.");
		}
	}

	private @Nullable String holdCondition() {
		String condition = this.said.holdCondition();
		if (condition.isEmpty()) {
			return null;
		}
		if (!StringUtils.hasText(condition)) {
			throw refuse("has a blank holdCondition", "Write a condition, or remove holdCondition.");
		}
		return condition;
	}

	private void checkAbsent(String mode, String attribute, String value, String otherModes) {
		if (!value.isEmpty()) {
			throw refuse("is %s and has a %s".formatted(mode, attribute),
					"Remove %s, or write mode = %s.".formatted(attribute, otherModes));
		}
	}

	private InvalidDeletionPolicyException refuse(String complaint, String action) {
		return new InvalidDeletionPolicyException(
				"The @Deletion of class %s for table '%s' %s.".formatted(this.type.getName(), this.table, complaint),
				action);
	}

}
