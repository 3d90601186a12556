package io.github.deletionpolicy.rows;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.deletionpolicy.InvalidCriteriaException;
import io.github.deletionpolicy.rows.RowCondition.AllOf;
import io.github.deletionpolicy.rows.RowCondition.Always;
import io.github.deletionpolicy.rows.RowCondition.AnyOf;
import io.github.deletionpolicy.rows.RowCondition.Between;
import io.github.deletionpolicy.rows.RowCondition.Compare;
import io.github.deletionpolicy.rows.RowCondition.In;
import io.github.deletionpolicy.rows.RowCondition.Is;
import io.github.deletionpolicy.rows.RowCondition.Keys;
import io.github.deletionpolicy.rows.RowCondition.Not;
import io.github.deletionpolicy.rows.RowCondition.State;
import org.jspecify.annotations.Nullable;

/**
 * Spells conditions in words and reads them back.
 *
 * <pre>
 * always     true|false
 * all, any   count  condition …
 * not        condition
 * compare    column  eq|neq|lt|lte|gt|gte|like|not_like  ignoreCase  value
 * between    column  outside  ignoreCase  from  to
 * in         column  ignoreCase  count  value …
 * is         column  null|not_null|true|false
 * keys       columns  rows  (column  value …) …
 * </pre>
 */
final class ConditionCodec {

	/**
	 * Nine digits at most, so that every count fits an {@code int}.
	 */
	private static final Pattern COUNT = Pattern.compile("[1-9][0-9]{0,8}");

	private final List<String> words;

	private int position;

	private int depth;

	private ConditionCodec(List<String> words) {
		this.words = words;
	}

	static void write(RowCondition condition, List<String> words) {
		write(condition, words, 0);
	}

	private static void write(Object part, List<String> words, int depth) {
		if (part instanceof RowCondition condition) {
			if (depth > RowCondition.MAX_DEPTH) {
				throw new InvalidCriteriaException(
						"The criteria is nested deeper than %d, which cannot be stored. Write it flatter, with in() or and(List)."
							.formatted(RowCondition.MAX_DEPTH));
			}
			for (Object inner : partsOf(condition)) {
				write(inner, words, depth + 1);
			}
		}
		else if (part instanceof List<?> list) {
			words.add(word(list.size()));
			for (Object element : list) {
				write(element, words, depth);
			}
		}
		else {
			words.add((part instanceof String text) ? text : word(part));
		}
	}

	/**
	 * Return what a condition is written as: texts stay as they are, and lists follow
	 * their count.
	 */
	private static List<Object> partsOf(RowCondition condition) {
		if (condition instanceof Always always) {
			return List.of("always", always.value());
		}
		if (condition instanceof AllOf all) {
			return List.of("all", all.members());
		}
		if (condition instanceof AnyOf any) {
			return List.of("any", any.members());
		}
		if (condition instanceof Not not) {
			return List.of("not", not.member());
		}
		if (condition instanceof Compare it) {
			return List.of("compare", it.column(), it.operator(), it.ignoreCase(), it.text());
		}
		if (condition instanceof Between it) {
			return List.of("between", it.column(), it.outside(), it.ignoreCase(), it.from(), it.to());
		}
		if (condition instanceof In in) {
			return List.of("in", in.column(), in.ignoreCase(), in.texts());
		}
		if (condition instanceof Is is) {
			return List.of("is", is.column(), is.state());
		}
		Keys keys = (Keys) condition;
		List<Object> parts = new ArrayList<>(List.of("keys", keys.columns().size(), keys.texts().get(0).size()));
		for (int i = 0; i < keys.columns().size(); i++) {
			parts.add(keys.columns().get(i));
			parts.addAll(keys.texts().get(i));
		}
		return parts;
	}

	private static String word(Object value) {
		return value.toString().toLowerCase(Locale.ROOT);
	}

	static RowCondition read(List<String> words) {
		ConditionCodec reader = new ConditionCodec(words);
		RowCondition condition = reader.condition();
		if (reader.left() > 0) {
			throw new IllegalArgumentException("%d word(s) are left over behind the condition, from word %d."
				.formatted(reader.left(), reader.position + 1));
		}
		return condition;
	}

	/**
	 * What takes many values has a method of its own: conditions may be nested deeply,
	 * and the frame of this method must stay small.
	 */
	private RowCondition condition() {
		String operator = next();
		return switch (operator) {
			case "always" -> new Always(truth());
			case "all" -> new AllOf(members(count(2)));
			case "any" -> new AnyOf(members(count(2)));
			case "not" -> new Not(members(1).get(0));
			case "compare" -> compare();
			case "between" -> between();
			case "in" -> in();
			case "is" -> new Is(next(), oneOf(State.values()));
			case "keys" -> keys();
			default -> throw unreadable("an operator", operator);
		};
	}

	private List<RowCondition> members(int count) {
		if (++this.depth > RowCondition.MAX_DEPTH) {
			throw new IllegalArgumentException(
					"The condition is nested deeper than %d.".formatted(RowCondition.MAX_DEPTH));
		}
		List<RowCondition> members = several(count, this::condition);
		this.depth--;
		return members;
	}

	private Compare compare() {
		return new Compare(next(), oneOf(ConditionOperator.values()), truth(), next());
	}

	private Between between() {
		return new Between(next(), truth(), truth(), next(), next());
	}

	private In in() {
		return new In(next(), truth(), several(count(1), this::next));
	}

	private Keys keys() {
		int size = count(1);
		int rows = count(1);
		List<String> columns = new ArrayList<>();
		List<List<String>> texts = several(size, () -> {
			columns.add(next());
			return several(rows, this::next);
		});
		return new Keys(columns, texts);
	}

	private static <T> List<T> several(int count, Supplier<T> one) {
		List<T> all = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			all.add(one.get());
		}
		return all;
	}

	/**
	 * A list that claims more than there is must not be believed until it is read.
	 */
	private int count(int least) {
		String word = next();
		if (!COUNT.matcher(word).matches() || Integer.parseInt(word) < least) {
			throw unreadable("a count of %d at least".formatted(least), word);
		}
		int count = Integer.parseInt(word);
		if (count > left()) {
			throw new IllegalArgumentException(
					"Word %d announces %d, but %d word(s) follow.".formatted(this.position, count, left()));
		}
		return count;
	}

	private boolean truth() {
		return oneOf("true or false", Boolean.TRUE, Boolean.FALSE);
	}

	private <E extends Enum<E>> E oneOf(E[] constants) {
		return oneOf("one of " + Stream.of(constants).map(ConditionCodec::word).toList(), constants);
	}

	@SafeVarargs
	private <T> T oneOf(String wanted, T... values) {
		String word = next();
		for (T value : values) {
			if (word(value).equals(word)) {
				return value;
			}
		}
		throw unreadable(wanted, word);
	}

	private String next() {
		if (left() == 0) {
			throw new IllegalArgumentException(
					"The condition ends too early, behind word %d.".formatted(this.position));
		}
		@Nullable String word = this.words.get(this.position++);
		if (word == null) {
			throw new IllegalArgumentException("Word %d is null.".formatted(this.position));
		}
		return word;
	}

	private int left() {
		return this.words.size() - this.position;
	}

	private IllegalArgumentException unreadable(String wanted, String word) {
		return new IllegalArgumentException(
				"Word %d is '%s', where %s belongs.".formatted(this.position, word, wanted));
	}

}
