package io.github.deletionpolicy.rows;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.InvalidCriteriaException;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.rows.RowCondition.Always;
import io.github.deletionpolicy.rows.RowCondition.Between;
import io.github.deletionpolicy.rows.RowCondition.Compare;
import io.github.deletionpolicy.rows.RowCondition.In;
import io.github.deletionpolicy.rows.RowCondition.Is;
import io.github.deletionpolicy.rows.RowCondition.State;
import org.jspecify.annotations.Nullable;

import org.springframework.data.relational.core.query.CriteriaDefinition;
import org.springframework.data.relational.core.query.CriteriaDefinition.Combinator;
import org.springframework.data.relational.core.query.CriteriaDefinition.Comparator;
import org.springframework.data.relational.core.sql.SqlIdentifier;
import org.springframework.data.util.Pair;

/**
 * Reads Spring Data's criteria into a condition on the rows of a table. Names become
 * columns that exist, values become texts that are bound, and nothing of a criteria
 * reaches the text of a statement in another way: Spring Data's own renderer takes column
 * names as they come.
 */
class CriteriaReader {

	private final Table table;

	private final CriteriaNames names;

	/**
	 * Create a reader.
	 * @param table the table whose rows are meant
	 * @param names what the names in a criteria stand for
	 */
	CriteriaReader(Table table, CriteriaNames names) {
		this.table = table;
		this.names = names;
	}

	/**
	 * Read a criteria.
	 * @param criteria the criteria
	 * @return the condition
	 * @throws InvalidCriteriaException if it can only be true, or a value does not fit
	 */
	RowCondition read(CriteriaDefinition criteria) {
		RowCondition condition = readChain(criteria);
		if (condition.isAlwaysOn(this.table, true)) {
			throw new InvalidCriteriaException(
					"The criteria '%s' can only be true, so it selects every row. Write all() if that is meant."
						.formatted(criteria.isEmpty() ? "empty()" : criteria));
		}
		return condition;
	}

	/**
	 * Read a chain as SQL reads it, where {@code AND} binds closer than {@code OR}.
	 */
	private RowCondition readChain(CriteriaDefinition criteria) {
		Deque<CriteriaDefinition> chain = new ArrayDeque<>();
		for (CriteriaDefinition link = criteria; link != null; link = link.getPrevious()) {
			chain.addFirst(link);
		}
		List<RowCondition> alternatives = new ArrayList<>();
		List<RowCondition> conjunction = new ArrayList<>();
		for (CriteriaDefinition link : chain) {
			if (isBlank(link)) {
				continue;
			}
			if (link.getCombinator() == Combinator.OR && !conjunction.isEmpty()) {
				alternatives.add(RowCondition.allOf(conjunction));
				conjunction = new ArrayList<>();
			}
			conjunction.add(link.isGroup() ? readGroup(link) : readComparison(link));
		}
		if (!conjunction.isEmpty()) {
			alternatives.add(RowCondition.allOf(conjunction));
		}
		return alternatives.isEmpty() ? new Always(true) : RowCondition.anyOf(alternatives);
	}

	/**
	 * A list of criteria is joined as its own combinator says, {@code or(List)} by
	 * {@code OR} and all others by {@code AND}, and each member stands for itself. The
	 * combinator of a member is that of its last link and says nothing about its
	 * neighbours.
	 */
	private RowCondition readGroup(CriteriaDefinition group) {
		List<RowCondition> members = group.getGroup()
			.stream()
			.filter((member) -> !member.isEmpty())
			.map(this::readChain)
			.toList();
		return (group.getCombinator() == Combinator.OR) ? RowCondition.anyOf(members) : RowCondition.allOf(members);
	}

	private static boolean isBlank(CriteriaDefinition link) {
		if (link.isGroup()) {
			return link.getGroup().stream().allMatch(CriteriaDefinition::isEmpty);
		}
		return link.getColumn() == null || link.getComparator() == null || link.getComparator() == Comparator.INITIAL;
	}

	private RowCondition readComparison(CriteriaDefinition link) {
		SqlIdentifier identifier = link.getColumn();
		Comparator comparator = link.getComparator();
		if (identifier == null || comparator == null) {
			throw new InvalidCriteriaException("A criteria names no column: '%s'.".formatted(link));
		}
		String name = identifier.getReference();
		RowCondition composite = readComposite(name, comparator, link.getValue());
		if (composite != null) {
			return composite;
		}
		Column column = this.names.column(name);
		Object value = converted(name, comparator, link.getValue());
		return switch (comparator) {
			case EQ, NEQ, LT, LTE, GT, GTE ->
				comparison(column, ConditionOperator.valueOf(comparator.name()), value, link.isIgnoreCase());
			case LIKE, NOT_LIKE -> like(column, comparator, value, link.isIgnoreCase());
			case BETWEEN, NOT_BETWEEN -> between(column, comparator, value, link.isIgnoreCase());
			case IN -> in(column, value, link.isIgnoreCase());
			case NOT_IN -> in(column, value, link.isIgnoreCase()).negated();
			case IS_NULL -> new Is(column.name(), State.NULL);
			case IS_NOT_NULL -> new Is(column.name(), State.NOT_NULL);
			case IS_TRUE -> truth(column, State.TRUE, this.names.value(name, true));
			case IS_FALSE -> truth(column, State.FALSE, this.names.value(name, false));
			case INITIAL -> new Always(true);
		};
	}

	/**
	 * Read a comparison with an object whose parts have columns of their own.
	 * @return the condition; {@code null} if it is none
	 */
	private @Nullable RowCondition readComposite(String name, Comparator comparator, @Nullable Object value) {
		Collection<?> alternatives = switch (comparator) {
			case EQ, NEQ -> (value != null) ? List.of(value) : List.of();
			case IN, NOT_IN -> (value instanceof Collection<?> collection) ? collection : List.of();
			default -> List.of();
		};
		List<RowCondition> conditions = new ArrayList<>();
		for (@Nullable
		Object alternative : alternatives) {
			Map<String, Object> parts = (alternative != null) ? this.names.values(name, alternative) : null;
			if (parts == null) {
				return null;
			}
			List<RowCondition> equal = new ArrayList<>();
			parts.forEach((column, part) -> equal
				.add(comparison(this.names.column(column), ConditionOperator.EQ, part, false)));
			conditions.add(RowCondition.allOf(equal));
		}
		if (conditions.isEmpty()) {
			return null;
		}
		RowCondition any = RowCondition.anyOf(conditions);
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
	private static RowCondition truth(Column column, State state, Object stored) {
		if (!(stored instanceof Boolean)) {
			return comparison(column, ConditionOperator.EQ, stored, false);
		}
		if (!column.type().isBoolean()) {
			throw new InvalidCriteriaException("isTrue() and isFalse() need a boolean, but column %s is %s."
				.formatted(column.name(), column.type().sql()));
		}
		return new Is(column.name(), state);
	}

	private static RowCondition comparison(Column column, ConditionOperator operator, @Nullable Object value,
			boolean ignoreCase) {
		refuseUnlessText(column, ignoreCase);
		return new Compare(column.name(), operator, text(column, value), ignoreCase);
	}

	private static RowCondition between(Column column, Comparator comparator, @Nullable Object value,
			boolean ignoreCase) {
		if (!(value instanceof Pair<?, ?> pair)) {
			throw new InvalidCriteriaException("A range for column %s needs two values.".formatted(column.name()));
		}
		refuseUnlessText(column, ignoreCase);
		return new Between(column.name(), comparator == Comparator.NOT_BETWEEN, text(column, pair.getFirst()),
				text(column, pair.getSecond()), ignoreCase);
	}

	private static RowCondition like(Column column, Comparator comparator, @Nullable Object value, boolean ignoreCase) {
		if (!column.type().isText() || !(value instanceof CharSequence pattern)) {
			throw new InvalidCriteriaException(
					"LIKE compares a text with a String, but column %s is %s and the value is %s. Write is(), in() or between()."
						.formatted(column.name(), column.type().sql(), described(value)));
		}
		String text = column.type().textOf(pattern);
		if (text == null) {
			throw new InvalidCriteriaException(
					"A pattern for column %s holds a zero character or half a character, which no text does. Leave it out."
						.formatted(column.name()));
		}
		return new Compare(column.name(), ConditionOperator.valueOf(comparator.name()), text, ignoreCase);
	}

	private static RowCondition in(Column column, @Nullable Object value, boolean ignoreCase) {
		Collection<?> values = (value instanceof Collection<?> collection) ? collection
				: (value != null) ? List.of(value) : List.of();
		if (values.isEmpty()) {
			return new Always(false);
		}
		refuseUnlessText(column, ignoreCase);
		return new In(column.name(), values.stream().map((element) -> text(column, element)).toList(), ignoreCase);
	}

	private static void refuseUnlessText(Column column, boolean ignoreCase) {
		if (ignoreCase && !column.type().isText()) {
			throw new InvalidCriteriaException(
					"ignoreCase compares texts, but column %s is %s.".formatted(column.name(), column.type().sql()));
		}
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

	private static String described(@Nullable Object value) {
		return (value != null) ? "a " + value.getClass().getName() : "null";
	}

}
