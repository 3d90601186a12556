package io.github.deletionpolicy.rows;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

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
record CriteriaReader(Table table, CriteriaNames names) {

	/**
	 * Read a criteria.
	 * @throws InvalidCriteriaException if it can only be true, or a value does not fit
	 */
	RowCondition read(CriteriaDefinition criteria) {
		RowCondition condition = readChain(criteria);
		if (condition.isAlwaysOn(this.table, true)) {
			throw new InvalidCriteriaException(
					"The criteria '%s' is always true, so it selects every row. Write all() if you mean that."
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
		Deque<List<RowCondition>> alternatives = new ArrayDeque<>();
		for (CriteriaDefinition link : chain) {
			if (!isBlank(link)) {
				if (alternatives.isEmpty() || link.getCombinator() == Combinator.OR) {
					alternatives.add(new ArrayList<>());
				}
				alternatives.getLast().add(link.isGroup() ? readGroup(link) : readComparison(link));
			}
		}
		return alternatives.isEmpty() ? new Always(true)
				: RowCondition.anyOf(alternatives.stream().map(RowCondition::allOf).toList());
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
		Function<Object, Object> conversion = (value) -> this.names.value(name, value);
		Operand operand = new Operand(column, conversion, link.isIgnoreCase());
		return switch (comparator) {
			case EQ, NEQ, LT, LTE, GT, GTE ->
				operand.compared(ConditionOperator.valueOf(comparator.name()), link.getValue());
			case LIKE, NOT_LIKE -> operand.like(ConditionOperator.valueOf(comparator.name()), link.getValue());
			case BETWEEN -> operand.between(link.getValue(), false);
			case NOT_BETWEEN -> operand.between(link.getValue(), true);
			case IN -> operand.in(link.getValue());
			case NOT_IN -> operand.in(link.getValue()).negated();
			case IS_NULL -> new Is(column.name(), State.NULL);
			case IS_NOT_NULL -> new Is(column.name(), State.NOT_NULL);
			case IS_TRUE -> operand.is(State.TRUE, true);
			case IS_FALSE -> operand.is(State.FALSE, false);
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
			parts.forEach((column, part) -> equal.add(new Operand(this.names.column(column), Function.identity(), false)
				.compared(ConditionOperator.EQ, part)));
			conditions.add(RowCondition.allOf(equal));
		}
		if (conditions.isEmpty()) {
			return null;
		}
		RowCondition any = RowCondition.anyOf(conditions);
		return (comparator == Comparator.NEQ || comparator == Comparator.NOT_IN) ? any.negated() : any;
	}

	/**
	 * The column that is compared.
	 *
	 * @param conversion makes what the column holds of a value in the criteria
	 */
	private record Operand(Column column, Function<Object, Object> conversion, boolean ignoreCase) {

		RowCondition compared(ConditionOperator operator, @Nullable Object value) {
			return new Compare(this.column.name(), operator, this.ignoreCase, text(value));
		}

		RowCondition between(@Nullable Object value, boolean outside) {
			if (!(value instanceof Pair<?, ?> pair)) {
				throw new InvalidCriteriaException(
						"A range for column %s needs two values.".formatted(this.column.name()));
			}
			return new Between(this.column.name(), outside, this.ignoreCase, text(pair.getFirst()),
					text(pair.getSecond()));
		}

		RowCondition in(@Nullable Object value) {
			Collection<?> values = (value instanceof Collection<?> collection) ? collection
					: (value != null) ? List.of(value) : List.of();
			if (values.isEmpty()) {
				return new Always(false);
			}
			return new In(this.column.name(), this.ignoreCase, values.stream().map(this::text).toList());
		}

		RowCondition like(ConditionOperator operator, @Nullable Object value) {
			Object stored = (value == null || value instanceof CharSequence) ? value : this.conversion.apply(value);
			if (!this.column.type().isText() || !(stored instanceof CharSequence pattern)) {
				throw new InvalidCriteriaException(
						"LIKE compares a text with a String, but column %s is %s and the value is %s. Write is(), in() or between()."
							.formatted(this.column.name(), this.column.type().sql(), described(stored)));
			}
			String text = this.column.type().textOf(pattern);
			if (text == null) {
				throw new InvalidCriteriaException(
						"A pattern for column %s holds a zero character or half a character, which no text does. Leave it out."
							.formatted(this.column.name()));
			}
			return new Compare(this.column.name(), operator, this.ignoreCase, text);
		}

		/**
		 * A converter may have the class's booleans stored as something else.
		 */
		RowCondition is(State state, boolean value) {
			Object stored = this.conversion.apply(value);
			if (!(stored instanceof Boolean)) {
				return new Operand(this.column, Function.identity(), false).compared(ConditionOperator.EQ, stored);
			}
			if (!this.column.type().isBoolean()) {
				throw new InvalidCriteriaException("isTrue() and isFalse() need a boolean, but column %s is %s."
					.formatted(this.column.name(), this.column.type().sql()));
			}
			return new Is(this.column.name(), state);
		}

		private String text(@Nullable Object value) {
			if (this.ignoreCase && !this.column.type().isText()) {
				throw new InvalidCriteriaException("ignoreCase compares texts, but column %s is %s."
					.formatted(this.column.name(), this.column.type().sql()));
			}
			Object stored = (value != null) ? this.conversion.apply(value) : null;
			String text = (stored != null) ? this.column.type().textOf(stored) : null;
			if (text == null) {
				throw new InvalidCriteriaException("Column %s is %s and cannot be compared with %s. %s".formatted(
						this.column.name(), this.column.type().sql(), described(stored),
						(stored != null) ? "Give a value of that type." : "Write isNull() or isNotNull()."));
			}
			return text;
		}

		private static String described(@Nullable Object value) {
			return (value != null) ? "a " + value.getClass().getName() : "null";
		}

	}

}
