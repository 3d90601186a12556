package io.github.deletionpolicy.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import org.jspecify.annotations.Nullable;

/**
 * A simple SELECT as {@code pg_get_viewdef} spells it: keywords in capitals, operators in
 * parentheses.
 *
 * @param from what stands behind FROM
 * @param where the condition; {@code null} if there is none
 * @param rest what follows, such as ORDER BY; may be empty
 */
record ViewDefinition(String from, @Nullable String where, String rest) {

	private static final Pattern CLAUSE = word(
			"FROM|WHERE|GROUP|HAVING|WINDOW|UNION|INTERSECT|EXCEPT|ORDER|LIMIT|OFFSET|FETCH|FOR");

	private static final Pattern AND = word("AND");

	private static final Pattern OR = word("OR");

	private static final Pattern IN_PARENTHESES = Pattern.compile("\\( *\\)");

	private static final String IDENTIFIER = "(?:\"(?:[^\"]|\"\")+\"|[^\\s\".,()]+)";

	private static final Pattern RELATION = Pattern.compile("(?:ONLY )?(%1$s(?:\\.%1$s)?)".formatted(IDENTIFIER));

	/**
	 * Read a definition.
	 * @param definition the text
	 * @return its parts; {@code null} if it selects from nothing
	 */
	static @Nullable ViewDefinition parse(String definition) {
		String text = definition.strip();
		text = text.endsWith(";") ? text.substring(0, text.length() - 1) : text;
		Map<String, Integer> starts = new LinkedHashMap<>();
		Matcher clause = CLAUSE.matcher(outside(text));
		while (clause.find()) {
			if (clause.group().equals("FROM") || starts.containsKey("FROM")) {
				starts.putIfAbsent(clause.group(), clause.start());
			}
		}
		Integer from = starts.remove("FROM");
		if (from == null) {
			return null;
		}
		Integer where = starts.remove("WHERE");
		int end = starts.values().stream().mapToInt(Integer::intValue).min().orElse(text.length());
		String source = text.substring(from + "FROM".length(), (where != null) ? where : end).strip();
		String condition = (where != null) ? text.substring(where + "WHERE".length(), end).strip() : null;
		return new ViewDefinition(source, condition, text.substring(end).strip());
	}

	/**
	 * Return the first relation that it selects from.
	 * @return the name as written; {@code null} if that is not a name
	 */
	@Nullable String relation() {
		Matcher relation = RELATION.matcher(this.from);
		return relation.lookingAt() ? relation.group(1) : null;
	}

	/**
	 * Return whether every row must have a column that is null, whatever else is
	 * required.
	 * @param column the column
	 * @return whether {@code column IS NULL} is one of the conditions that AND joins
	 */
	boolean requiresNull(String column) {
		return this.where != null && requiresNull(this.where, column);
	}

	/**
	 * Return whether a condition holds only where a column is null.
	 * @param condition the condition, as the catalog spells it
	 * @param column the column
	 * @return whether {@code column IS NULL} is one of the conditions that AND joins
	 */
	static boolean requiresNull(String condition, String column) {
		return conjuncts(condition).stream().anyMatch((it) -> isNull(it, column));
	}

	/**
	 * Return whether something else is required of every row, too.
	 * @param column the column that has to be null
	 * @return whether it is one of several conditions that AND joins
	 */
	boolean hidesLiveRows(String column) {
		return this.where != null && requiresNull(column) && conjuncts(this.where).size() > 1;
	}

	/**
	 * Return the definition from FROM on, with a column that must be null.
	 * @param table the table that it selects from
	 * @param column the column
	 * @return the text
	 */
	String requiringNull(TableName table, String column) {
		Matcher relation = RELATION.matcher(this.from);
		String source = relation.lookingAt()
				? new StringBuilder(this.from).replace(relation.start(1), relation.end(1), table.toString()).toString()
				: table.toString();
		String condition = SqlIdentifiers.quoteIfNeeded(column) + " IS NULL";
		if (this.where != null) {
			condition = requiresNull(column) ? withoutParentheses(this.where) : condition + " AND " + this.where;
		}
		return "FROM %s WHERE %s %s".formatted(source, condition, this.rest).strip();
	}

	private static boolean isNull(String condition, String column) {
		String suffix = " IS NULL";
		if (!condition.endsWith(suffix)) {
			return false;
		}
		try {
			List<String> parts = SqlIdentifiers
				.parse(condition.substring(0, condition.length() - suffix.length()).strip());
			return parts.get(parts.size() - 1).equals(column);
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
	}

	private static List<String> conjuncts(String condition) {
		String text = withoutParentheses(condition);
		String outside = outside(text);
		if (OR.matcher(outside).find()) {
			return List.of();
		}
		List<String> conjuncts = new ArrayList<>();
		int start = 0;
		Matcher and = AND.matcher(outside);
		while (and.find()) {
			conjuncts.addAll(conjuncts(text.substring(start, and.start())));
			start = and.end();
		}
		conjuncts.addAll((start == 0) ? List.of(text) : conjuncts(text.substring(start)));
		return conjuncts;
	}

	private static String withoutParentheses(String condition) {
		String text = condition.strip();
		while (IN_PARENTHESES.matcher(outside(text)).matches()) {
			text = text.substring(1, text.length() - 1).strip();
		}
		return text;
	}

	/**
	 * Return a text with a space for each character inside of quotes, parentheses or
	 * brackets. A doubled quote ends one quoted part and begins the next; in an escape
	 * string PostgreSQL spells a quote by doubling it, too.
	 */
	private static String outside(String text) {
		StringBuilder outside = new StringBuilder();
		int depth = 0;
		char quote = 0;
		for (int i = 0; i < text.length(); i++) {
			char character = text.charAt(i);
			depth -= (quote == 0 && (character == ')' || character == ']')) ? 1 : 0;
			outside.append((quote == 0 && depth == 0) ? character : ' ');
			depth += (quote == 0 && (character == '(' || character == '[')) ? 1 : 0;
			if (quote == character) {
				quote = 0;
			}
			else if (quote == 0 && (character == '"' || character == '\'')) {
				quote = character;
			}
		}
		return outside.toString();
	}

	private static Pattern word(String words) {
		return Pattern.compile("(?U)(?<![\\w$])(?:%s)(?![\\w$])".formatted(words));
	}

}
