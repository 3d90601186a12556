package io.github.deletionpolicy.autoconfigure.endpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.Sanitizer;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;

/**
 * Masks what may tell of people: keys, reasons, and messages of the database or of
 * listeners, which quote values.
 */
class EndpointValues {

	/**
	 * What this library writes itself, and what the database writes of names only. All
	 * else may hold values of rows.
	 */
	private static final List<Pattern> HARMLESS = Stream.of("the hold condition keeps the row",
			"locked by another transaction",
			"the delete was accepted under a hold condition that this node does not know: .*",
			"(?:Rows of \\S+ are )?still there after the DELETE; does a trigger or rule on the table prevent it\\?",
			"a live row of \\S+ depends on it", "the hold condition of \\S+ keeps a dependent row",
			"a dependent row of \\S+ (?:was deleted by another call and is not due yet|is locked or has just changed)",
			"rows of \\S+ refer to its dependants \\(foreign key \\S+\\)",
			"its dependants are more than one batch, and deeper than \\d+ levels or a circle; raise deletion-policy\\.purge\\.batch-size",
			"Others have locked rows of \\S+\\.",
			"Rows of \\S+ are still there after the statement that was to delete them; does a trigger or rule on the table prevent it\\?",
			"The operation was restored\\.",
			"Operation \\S+ is no longer recorded, so its rows could not be restored\\. Delete the remaining rows with a new call\\.",
			"The primary key of table \\S+ was \\([^()]*\\) when the delete was accepted and is \\([^()]*\\) now\\. Delete the remaining rows with a new call\\.",
			"(There is no table \\S+ (?:in schema \\S+|on the search path \\([^()]*\\))\\.)(?: .*)?",
			"(Table \\S+ has no column '[^']+'(?: for the deletion time)?\\.)(?: .*)?",
			"(ERROR: (?:relation \"[^\"]+\"|column \\S+) does not exist)(?: +(?:Position|Hint): .*)?",
			"(ERROR: update or delete on table \"[^\"]+\" violates (?:RESTRICT setting of )?foreign key constraint \"[^\"]+\" on table \"[^\"]+\")(?: +Detail: .*)?",
			"(ERROR: permission denied for (?:table|view|schema|function|sequence) \\S+)(?: +(?:Where|Hint): .*)?",
			"(ERROR: canceling statement due to (?:lock|statement) timeout)(?: +Where: .*)?",
			"(ERROR: deadlock detected)(?: +Detail: .*)?")
		.map(Pattern::compile)
		.toList();

	private static final Pattern DETAIL = Pattern.compile("(\\)=|Failing row contains )\\(.*\\)", Pattern.DOTALL);

	private final Sanitizer sanitizer;

	EndpointValues(Iterable<SanitizingFunction> functions) {
		this.sanitizer = new Sanitizer(functions);
	}

	@Nullable String reason(String table, @Nullable String reason, boolean show) {
		return (reason != null) ? sanitized(table + ".reason", reason, show) : null;
	}

	/**
	 * Show of an error without its values at least what is in the way.
	 */
	@Nullable String error(String table, @Nullable String error, boolean show) {
		if (error == null) {
			return null;
		}
		if (!show) {
			for (Pattern pattern : HARMLESS) {
				Matcher matcher = pattern.matcher(error);
				if (matcher.matches()) {
					String names = (matcher.groupCount() > 0) ? matcher.group(1) : error;
					return sanitized(table + ".lastError", names, true);
				}
			}
		}
		return sanitized(table + ".lastError", error, show);
	}

	/**
	 * Mask the values that a message of a refused restore quotes.
	 */
	String conflict(String message, boolean show) {
		return show ? message : DETAIL.matcher(message)
			.replaceAll("$1(" + Matcher.quoteReplacement(SanitizableData.SANITIZED_VALUE) + ")");
	}

	Map<String, String> key(String table, List<String> columns, List<String> values, boolean show) {
		Map<String, String> key = new LinkedHashMap<>();
		for (int i = 0; i < values.size(); i++) {
			String column = (columns.size() == values.size()) ? columns.get(i) : String.valueOf(i + 1);
			key.put(column, sanitized(table + "." + column, values.get(i), show));
		}
		return key;
	}

	private String sanitized(String name, String value, boolean show) {
		return String.valueOf(this.sanitizer.sanitize(new SanitizableData(null, name, value), show));
	}

}
