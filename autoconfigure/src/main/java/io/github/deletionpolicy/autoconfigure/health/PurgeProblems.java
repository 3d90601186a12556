package io.github.deletionpolicy.autoconfigure.health;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.operator.Backlog;
import io.github.deletionpolicy.operator.Backlog.LastRun;
import io.github.deletionpolicy.operator.Backlog.NamedAsync;
import io.github.deletionpolicy.operator.Backlog.Reading;
import io.github.deletionpolicy.operator.Backlog.TableBacklog;
import org.jspecify.annotations.Nullable;

/**
 * Says in words what is wrong with the purge. The words hold no keys and no messages of
 * the database, which may quote rows: whoever asks for the health may not see those.
 */
class PurgeProblems {

	private final Duration lateAfter;

	private final Duration pausedAfter;

	/**
	 * Create a judge.
	 * @param lateAfter after which time due rows, or a run, are late
	 * @param pausedAfter after which time a pause is too long
	 */
	PurgeProblems(Duration lateAfter, Duration pausedAfter) {
		this.lateAfter = lateAfter;
		this.pausedAfter = pausedAfter;
	}

	/**
	 * Return what is wrong, one sentence each; empty if nothing is.
	 */
	List<String> of(Reading reading) {
		List<String> problems = new ArrayList<>();
		if (reading.isBraked()) {
			problems.add(braked(reading));
		}
		boolean stopped = isStopped(reading);
		for (TableBacklog table : reading.tables()) {
			Instant pausedAt = table.pausedAt();
			if (pausedAt != null) {
				addPause(problems, reading, table, pausedAt);
			}
			else if (table.due() > 0 && stopped) {
				problems.add(stopped(reading, table));
			}
			else if (isVain(reading, table)) {
				problems.add(vain(reading, table));
			}
			else {
				addLateness(problems, reading, table);
			}
			if (table.failed() > 0) {
				problems.add("%s of %s could not be removed at the last attempt. The endpoint pendingpurges shows why."
					.formatted(rows(table.failed()), table.table()));
			}
		}
		addAsync(problems, reading, stopped);
		return problems;
	}

	private void addAsync(List<String> problems, Reading reading, boolean stopped) {
		List<NamedAsync> failed = reading.async().lastFailed();
		failed.forEach((deletion) -> problems.add(
				"The asynchronous delete %s from %s failed at %s. The endpoint pendingpurges shows why. PendingPurges.retry continues it where it stopped, PendingPurges.cancel gives it up."
					.formatted(deletion.operationId(), deletion.table(), deletion.since())));
		long more = reading.async().failed() - failed.size();
		if (more > 0) {
			problems.add("Also, %s failed earlier.".formatted(counted(more, "asynchronous delete")));
		}
		if (reading.pausedAt() != null) {
			return;
		}
		for (NamedAsync deletion : reading.async().waiting()) {
			if (isLonger(deletion.since(), reading, this.lateAfter)) {
				addWaiting(problems, reading, deletion, stopped);
			}
		}
	}

	private void addWaiting(List<String> problems, Reading reading, NamedAsync deletion, boolean stopped) {
		if (stopped) {
			problems.add(
					"%s, and the asynchronous delete %s from %s waits. Does any node purge (deletion-policy.purge.enabled), and is its scheduler started?"
						.formatted(lastRun(reading), deletion.operationId(), deletion.table()));
		}
		else {
			problems.add(
					"The next batch of the asynchronous delete %s from %s has been due since %s (%s), longer than %s. The limits of the purge may be too low, or its batches fail: see the log. PendingPurges.cancel stops it."
						.formatted(deletion.operationId(), deletion.table(), deletion.since(),
								text(Duration.between(deletion.since(), reading.now())), text(this.lateAfter)));
		}
	}

	private boolean isStopped(Reading reading) {
		LastRun last = reading.lastRun();
		return last == null || last.age(reading.now()).compareTo(this.lateAfter) > 0;
	}

	/**
	 * Where nothing waits any more, it does not matter that runs removed nothing.
	 */
	private boolean isVain(Reading reading, TableBacklog table) {
		return isLonger(table.vainSince(), reading, this.lateAfter)
				&& table.due() + table.blocked() + table.failed() > 0;
	}

	private static String braked(Reading reading) {
		LastRun last = reading.lastRun();
		return "The purge of all tables paused itself at %s, because the last run ended at %s, too far from that time: the clock was set or an old backup was restored. Check what is due, then call PendingPurges.resume(null)."
			.formatted(reading.brakedAt(), (last != null) ? last.endedAt() : "an unknown time");
	}

	private void addPause(List<String> problems, Reading reading, TableBacklog table, Instant pausedAt) {
		if (!reading.isBraked() && isLonger(pausedAt, reading, this.pausedAfter)) {
			problems.add("The purge of %s has been paused since %s (%s), longer than %s, and %s are due.".formatted(
					table.table(), pausedAt, text(Duration.between(pausedAt, reading.now())), text(this.pausedAfter),
					rows(table.due())));
		}
	}

	private static String lastRun(Reading reading) {
		LastRun last = reading.lastRun();
		return (last != null) ? "The last run of the purge ended at %s on %s, %s ago".formatted(last.endedAt(),
				last.node(), text(last.age(reading.now()))) : "No run of the purge is recorded";
	}

	private String stopped(Reading reading, TableBacklog table) {
		return "%s, and %s of %s %s been due since %s. Does any node purge (deletion-policy.purge.enabled), and is its scheduler started?"
			.formatted(lastRun(reading), rows(table.due()), table.table(), have(table.due()), table.oldestDue());
	}

	private static String vain(Reading reading, TableBacklog table) {
		Instant since = table.vainSince();
		return "Since %s (%s) runs have found due rows of %s and removed none: %s blocked, %s failed, %s due."
			.formatted(since, text(Duration.between((since != null) ? since : reading.now(), reading.now())),
					table.table(), rows(table.blocked()), rows(table.failed()), rows(table.due()));
	}

	private void addLateness(List<String> problems, Reading reading, TableBacklog table) {
		Instant oldest = table.oldestDue();
		if (oldest != null && isLonger(oldest, reading, this.lateAfter)) {
			problems.add("%s of %s %s been due since %s (%s), longer than %s: the purge does not keep up.".formatted(
					rows(table.due()), table.table(), have(table.due()), oldest,
					text(Duration.between(oldest, reading.now())), text(this.lateAfter)));
		}
	}

	private static boolean isLonger(@Nullable Instant since, Reading reading, Duration time) {
		return since != null && Duration.between(since, reading.now()).compareTo(time) > 0;
	}

	private static String rows(long count) {
		return counted(count, "row");
	}

	private static String have(long count) {
		return (count == 1) ? "has" : "have";
	}

	private static String counted(long count, String what) {
		String least = (count >= Backlog.ENTRIES) ? "at least " : "";
		return least + count + " " + what + ((count == 1) ? "" : "s");
	}

	private static String text(Duration duration) {
		long seconds = Math.max(0, duration.toSeconds());
		if (seconds >= Duration.ofDays(2).toSeconds()) {
			return seconds / Duration.ofDays(1).toSeconds() + " days";
		}
		if (seconds >= Duration.ofHours(2).toSeconds()) {
			return seconds / Duration.ofHours(1).toSeconds() + " hours";
		}
		if (seconds >= Duration.ofMinutes(2).toSeconds()) {
			return seconds / Duration.ofMinutes(1).toSeconds() + " minutes";
		}
		return seconds + " seconds";
	}

}
