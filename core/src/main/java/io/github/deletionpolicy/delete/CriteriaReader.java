package io.github.deletionpolicy.delete;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.InvalidCriteriaException;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.data.relational.core.query.CriteriaDefinition;
import org.springframework.data.relational.core.query.CriteriaDefinition.Combinator;
import org.springframework.data.relational.core.query.CriteriaDefinition.Comparator;
import org.springframework.data.relational.core.sql.SqlIdentifier;
import org.springframework.data.util.Pair;

/**
 * Reads Spring Data's criteria into a condition on the row {@code t}. Names become
 * columns that exist, values become parameters, and nothing of a criteria reaches the
 * text of a statement in another way: Spring Data's own renderer takes column names as
 * they come.
 */
class CriteriaReader {

	private final CriteriaNames names;

	/**
	 * Create a reader.
	 * @param names what the names in a criteria stand for
	 */
	CriteriaReader(CriteriaNames names) {
		this.names = names;
	}

	/**
	 * Read a criteria.
	 * @param criteria the criteria
	 * @return the condition
	 * @throws InvalidCriteriaException if it can only be true, or a value does not fit
	 */
	Sql read(CriteriaDefinition criteria) {
		Term term = readChain(criteria);
		if (term.isAlways(true)) {
			throw new InvalidCriteriaException(
					"The criteria '%s' can only be true, so it selects every row. Write all() if that is meant."
						.formatted(criteria.isEmpty() ? "empty()" : criteria));
		}
		return term.sql();
	}

	/**
	 * Read a chain as SQL reads it, where {@code AND} binds closer than {@code OR}.
	 */
	private Term readChain(CriteriaDefinition criteria) {
		Deque<CriteriaDefinition> chain = new ArrayDeque<>();
		for (CriteriaDefinition link = criteria; link != null; link = link.getPrevious()) {
			chain.addFirst(link);
		}
		List<Term> alternatives = new ArrayList<>();
		List<Term> conjunction = new ArrayList<>();
		for (CriteriaDefinition link : chain) {
			if (isBlank(link)) {
				continue;
			}
			if (link.getCombinator() == Combinator.OR && !conjunction.isEmpty()) {
				alternatives.add(Term.allOf(conjunction));
				conjunction = new ArrayList<>();
			}
			conjunction.add(link.isGroup() ? readGroup(link) : readComparison(link));
		}
		if (!conjunction.isEmpty()) {
			alternatives.add(Term.allOf(conjunction));
		}
		return alternatives.isEmpty() ? Term.TRUE : Term.anyOf(alternatives);
	}

	/**
	 * A list of criteria is joined as its own combinator says, {@code or(List)} by
	 * {@code OR} and all others by {@code AND}, and each member stands for itself. The
	 * combinator of a member is that of its last link and says nothing about its
	 * neighbours.
	 */
	private Term readGroup(CriteriaDefinition group) {
		List<Term> members = group.getGroup()
			.stream()
			.filter((member) -> !member.isEmpty())
			.map(this::readChain)
			.toList();
		return (group.getCombinator() == Combinator.OR) ? Term.anyOf(members) : Term.allOf(members);
	}

	private static boolean isBlank(CriteriaDefinition link) {
		if (link.isGroup()) {
			return link.getGroup().stream().allMatch(CriteriaDefinition::isEmpty);
		}
		return link.getColumn() == null || link.getComparator() == null || link.getComparator() == Comparator.INITIAL;
	}

	private Term readComparison(CriteriaDefinition link) {
		SqlIdentifier identifier = link.getColumn();
		Comparator comparator = link.getComparator();
		if (identifier == null || comparator == null) {
			throw new InvalidCriteriaException("A criteria names no column: '%s'.".formatted(link));
		}
		String name = identifier.getReference();
		Term composite = readComposite(name, comparator, link.getValue());
		if (composite != null) {
			return composite;
		}
		Column column = this.names.column(name);
		Object value = converted(name, comparator, link.getValue());
		return switch (comparator) {
			case EQ, NEQ, LT, LTE, GT, GTE ->
				comparison(column, comparator.getComparator(), value, link.isIgnoreCase());
			case LIKE, NOT_LIKE -> like(column, comparator, value, link.isIgnoreCase());
			case BETWEEN, NOT_BETWEEN -> between(column, comparator, value, link.isIgnoreCase());
			case IN -> in(column, value, link.isIgnoreCase());
			case NOT_IN -> in(column, value, link.isIgnoreCase()).negated();
			case IS_NULL -> column.notNull() ? Term.FALSE : Term.of(Sql.of(column.toSql("t") + " IS NULL"));
			case IS_NOT_NULL -> column.notNull() ? Term.TRUE : Term.of(Sql.of(column.toSql("t") + " IS NOT NULL"));
			case IS_TRUE -> truth(column, " IS TRUE", this.names.value(name, true));
			case IS_FALSE -> truth(column, " IS FALSE", this.names.value(name, false));
			case INITIAL -> Term.TRUE;
		};
	}

	/**
	 * Read a comparison with an object whose parts have columns of their own.
	 * @return the condition; {@code null} if it is none
	 */
	private @Nullable Term readComposite(String name, Comparator comparator, @Nullable Object value) {
		Collection<?> alternatives = switch (comparator) {
			case EQ, NEQ -> (value != null) ? List.of(value) : List.of();
			case IN, NOT_IN -> (value instanceof Collection<?> collection) ? collection : List.of();
			default -> List.of();
		};
		List<Term> terms = new ArrayList<>();
		for (@Nullable
		Object alternative : alternatives) {
			Map<String, Object> parts = (alternative != null) ? this.names.values(name, alternative) : null;
			if (parts == null) {
				return null;
			}
			List<Term> equal = new ArrayList<>();
			parts.forEach((column, part) -> equal.add(comparison(this.names.column(column), "=", part, false)));
			terms.add(Term.allOf(equal));
		}
		if (terms.isEmpty()) {
			return null;
		}
		Term any = Term.anyOf(terms);
		return (comparator == Comparator.NEQ || comparator == Comparator.NOT_IN) ? any.negated() : any;
	}

	private @Nullable Object converted(String name, Comparator comparator, @Nullable Object value) {
		if (comparator == Comparator.LIKE || comparator == Comparator.NOT_LIKE) {
			return (value instanceof CharSequence || value == null) ? value : this.names.value(name, value);
		}
		if (value instanceof Pair<?, ?> pair
				&& (comparator == Comparator.BETWEEN || comparator == Comparator.NOT_BETWEEN)) {
			return Pair.of(this.names.value(name, pair.getFirst()), this.names.value(name, pair.getSecond()));
		}
		if (value instanceof Collection<?> collection
				&& (comparator == Comparator.IN || comparator == Comparator.NOT_IN)) {
			List<@Nullable Object> elements = new ArrayList<>(collection.size());
			for (@Nullable
			Object element : collection) {
				elements.add((element != null) ? this.names.value(name, element) : null);
			}
			return elements;
		}
		return (value != null && comparator != Comparator.IS_TRUE && comparator != Comparator.IS_FALSE)
				? this.names.value(name, value) : value;
	}

	/**
	 * A converter may have the class's booleans stored as something else.
	 */
	private static Term truth(Column column, String test, Object stored) {
		return (stored instanceof Boolean) ? Term.of(Sql.of(booleanColumn(column) + test))
				: comparison(column, "=", stored, false);
	}

	private static Term comparison(Column column, String operator, @Nullable Object value, boolean ignoreCase) {
		return Term
			.of(Sql.of(operand(column, ignoreCase) + " " + operator + " ").add(parameter(column, value, ignoreCase)));
	}

	private static Term between(Column column, Comparator comparator, @Nullable Object value, boolean ignoreCase) {
		if (!(value instanceof Pair<?, ?> pair)) {
			throw new InvalidCriteriaException("A range for column %s needs two values.".formatted(column.name()));
		}
		return Term.of(Sql
			.of(operand(column, ignoreCase) + ((comparator == Comparator.BETWEEN) ? " BETWEEN " : " NOT BETWEEN "))
			.add(parameter(column, pair.getFirst(), ignoreCase))
			.add(" AND ")
			.add(parameter(column, pair.getSecond(), ignoreCase)));
	}

	private static Term like(Column column, Comparator comparator, @Nullable Object value, boolean ignoreCase) {
		if (!column.type().isText() || !(value instanceof CharSequence pattern)) {
			throw new InvalidCriteriaException(
					"LIKE compares a text with a String, but column %s is %s and the value is %s. Write is(), in() or between()."
						.formatted(column.name(), column.type().sql(), described(value)));
		}
		if (column.type().textOf(pattern) == null) {
			throw new InvalidCriteriaException(
					"A pattern for column %s holds a zero character, which no text does.".formatted(column.name()));
		}
		String parameter = ignoreCase ? "upper(CAST(? AS text))" : "CAST(? AS text)";
		return Term.of(Sql.of(
				operand(column, ignoreCase) + ((comparator == Comparator.LIKE) ? " LIKE " : " NOT LIKE ") + parameter,
				pattern.toString()));
	}

	private static Term in(Column column, @Nullable Object value, boolean ignoreCase) {
		Collection<?> values = (value instanceof Collection<?> collection) ? collection
				: (value != null) ? List.of(value) : List.of();
		if (values.isEmpty()) {
			return Term.FALSE;
		}
		if (!ignoreCase) {
			String[] texts = values.stream().map((element) -> text(column, element)).toArray(String[]::new);
			return Term.of(Sql.of(
					"%s = ANY(CAST(CAST(? AS text[]) AS %s[]))".formatted(column.toSql("t"), column.type().sql()),
					(Object) texts));
		}
		Sql list = Sql.of(operand(column, ignoreCase) + " IN (");
		String separator = "";
		for (@Nullable
		Object element : values) {
			list.add(separator).add(parameter(column, element, ignoreCase));
			separator = ", ";
		}
		return Term.of(list.add(")"));
	}

	private static String operand(Column column, boolean ignoreCase) {
		if (!ignoreCase) {
			return column.toSql("t");
		}
		if (!column.type().isText()) {
			throw new InvalidCriteriaException(
					"ignoreCase compares texts, but column %s is %s.".formatted(column.name(), column.type().sql()));
		}
		return "upper(" + column.toSql("t") + ")";
	}

	private static Sql parameter(Column column, @Nullable Object value, boolean ignoreCase) {
		String parameter = "CAST(CAST(? AS text) AS " + column.type().sql() + ")";
		return Sql.of(ignoreCase ? "upper(" + parameter + ")" : parameter, text(column, value));
	}

	private static String text(Column column, @Nullable Object value) {
		String text = (value != null) ? column.type().textOf(value) : null;
		if (text == null) {
			throw new InvalidCriteriaException("Column %s is %s and cannot be compared with %s. %s".formatted(
					column.name(), column.type().sql(), described(value),
					(value != null) ? "Give a value of that type." : "Write isNull() or isNotNull()."));
		}
		return text;
	}

	private static String booleanColumn(Column column) {
		if (!column.type().isBoolean()) {
			throw new InvalidCriteriaException("isTrue() and isFalse() need a boolean, but column %s is %s."
				.formatted(column.name(), column.type().sql()));
		}
		return column.toSql("t");
	}

	private static String described(@Nullable Object value) {
		return (value != null) ? "a " + value.getClass().getName() : "null";
	}

	/**
	 * A condition, or one that is known to be true or false whatever the row.
	 */
	private record Term(Sql sql, @Nullable Boolean constant) {

		static final Term TRUE = new Term(Sql.of("true"), true);

		static final Term FALSE = new Term(Sql.of("false"), false);

		static Term of(Sql sql) {
			return new Term(sql, null);
		}

		static Term allOf(List<Term> terms) {
			return joined(terms, " AND ", false);
		}

		static Term anyOf(List<Term> terms) {
			return joined(terms, " OR ", true);
		}

		private static Term joined(List<Term> terms, String operator, boolean decisive) {
			if (terms.stream().anyMatch((term) -> term.isAlways(decisive))) {
				return always(decisive);
			}
			List<Term> open = terms.stream().filter((term) -> !term.isAlways(!decisive)).toList();
			if (open.size() < 2) {
				return open.isEmpty() ? always(!decisive) : open.get(0);
			}
			Sql joined = Sql.of("(");
			for (int i = 0; i < open.size(); i++) {
				joined.add((i == 0) ? "(" : operator + "(").add(open.get(i).sql()).add(")");
			}
			return of(joined.add(")"));
		}

		private static Term always(boolean value) {
			return value ? TRUE : FALSE;
		}

		boolean isAlways(boolean value) {
			return this.constant != null && this.constant == value;
		}

		Term negated() {
			if (this.constant != null) {
				return always(!this.constant);
			}
			return of(Sql.of("NOT (").add(this.sql).add(")"));
		}

	}

}
