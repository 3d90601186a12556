package io.github.deletionpolicy.doctor;

import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Pattern;

import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.doctor.CatalogFacts.Trigger;

/**
 * Looks for row triggers that do not fit what a delete does now.
 */
record TriggerCheck(CatalogFacts facts) implements Check {

	/**
	 * What can write any column, without its name: the whole row from elsewhere.
	 */
	private static final Pattern WHOLE_ROW = Pattern.compile("\\bnew\\s*:?=|\\breturn\\s+old\\b|populate_record");

	@Override
	public void check(ReachedTable reached, Consumer<Finding> findings) {
		Column deletionTime = reached.deletionTime();
		for (Trigger trigger : this.facts.triggersOf(reached.table().name())) {
			if (trigger.onDelete()) {
				findings.accept(finding(trigger, FindingCode.TRIGGER_ON_DELETE,
						"Trigger %s of table %s runs on DELETE. It does not run when a row is stamped as deleted, but when it is purged; a trigger that refuses the delete keeps the row for good. Use a trigger on UPDATE OF %s, or the application's events."
							.formatted(name(trigger), trigger.table(), (deletionTime != null)
									? SqlIdentifiers.quoteIfNeeded(deletionTime.name()) : "the deletion time")));
			}
			if (deletionTime != null && canWrite(trigger, deletionTime)) {
				findings.accept(finding(trigger, FindingCode.TRIGGER_WRITES_DELETION_TIME,
						"Trigger %s of table %s can write %s when a row is updated. A row whose deletion time is not the one that its delete wrote is never purged and cannot be restored. Change the trigger so that it does not write that column."
							.formatted(name(trigger), trigger.table(),
									SqlIdentifiers.quoteIfNeeded(deletionTime.name()))));
			}
		}
	}

	private static Finding finding(Trigger trigger, FindingCode code, String text) {
		return new Finding(trigger.table(), code, text,
				"ALTER TABLE %s DISABLE TRIGGER %s;".formatted(trigger.table(), name(trigger)));
	}

	private static String name(Trigger trigger) {
		return SqlIdentifiers.quoteIfNeeded(trigger.name());
	}

	/**
	 * A function in another language than those of the database is read for the name of
	 * the column as well; one in C is taken for one of PostgreSQL's own.
	 */
	private static boolean canWrite(Trigger trigger, Column deletionTime) {
		boolean runs = trigger.onUpdate() && trigger.before()
				&& (trigger.columns().isEmpty() || trigger.columns().contains(deletionTime.name()));
		String source = trigger.source().toLowerCase(Locale.ROOT);
		String column = Pattern.quote(deletionTime.name().toLowerCase(Locale.ROOT));
		return runs && !trigger.language().equals("c") && !trigger.language().equals("internal")
				&& (Pattern.compile("(?<![\\w$])" + column + "(?![\\w$])").matcher(source).find()
						|| WHOLE_ROW.matcher(source).find());
	}

}
