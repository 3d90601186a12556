package io.github.deletionpolicy.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.mapping.Ownership;
import org.jspecify.annotations.Nullable;

/**
 * Lays what a mapping says of parts and wholes over the foreign keys of the catalog.
 */
class Ownerships {

	private final Supplier<List<Ownership>> source;

	private final UnaryOperator<TableName> baseOf;

	private List<Ownership> said = List.of();

	private List<Ownership> based = List.of();

	private int generation;

	/**
	 * Create the overlay.
	 * @param source what the mapping says
	 * @param baseOf the table that a view stands for; any other name as it is
	 */
	Ownerships(Supplier<List<Ownership>> source, UnaryOperator<TableName> baseOf) {
		this.source = source;
		this.baseOf = baseOf;
	}

	/**
	 * Return a number that changes with what the mapping says.
	 */
	synchronized int generation() {
		List<Ownership> now = this.source.get();
		if (now != this.said) {
			this.said = now;
			this.based = now.stream()
				.map((it) -> new Ownership(this.baseOf.apply(it.owner()), it.references(),
						this.baseOf.apply(it.child()), it.columns()))
				.distinct()
				.toList();
			this.generation++;
		}
		return this.generation;
	}

	boolean isNotEmpty() {
		return !current().isEmpty();
	}

	private synchronized List<Ownership> current() {
		generation();
		return this.based;
	}

	/**
	 * Return a table whose foreign keys are those of the catalog and those that the
	 * mapping adds.
	 * @param find finds another table that has columns
	 */
	Table laidOver(Table table, BiFunction<TableName, List<String>, @Nullable TableName> find) {
		return new Table(table.name(), table.columns(), table.key(),
				overlay(table.name(), Ownership::owner, table.referredToBy(), (it) -> {
					TableName child = find.apply(inSchemaOf(table, it.child()), it.columns());
					return (child != null) ? key(it, child, table.name()) : null;
				}), overlay(table.name(), Ownership::child, table.refersBy(), (it) -> {
					TableName owner = find.apply(inSchemaOf(table, it.owner()), it.references());
					return (owner != null) ? key(it, table.name(), owner) : null;
				}), table.partitionOf());
	}

	private List<ForeignKey> overlay(TableName table, Function<Ownership, TableName> side, List<ForeignKey> keys,
			Function<Ownership, @Nullable ForeignKey> absent) {
		List<Ownership> ownerships = current().stream().filter((it) -> side.apply(it).mayMean(table)).toList();
		List<ForeignKey> all = new ArrayList<>();
		for (ForeignKey key : keys) {
			all.add(ownerships.stream().anyMatch((it) -> isSame(it, key)) ? key.asOwned() : key);
		}
		for (Ownership ownership : ownerships) {
			ForeignKey added = keys.stream().anyMatch((key) -> isSame(ownership, key)) ? null : absent.apply(ownership);
			if (added != null) {
				all.add(added);
			}
		}
		return List.copyOf(all);
	}

	private static boolean isSame(Ownership ownership, ForeignKey key) {
		return ownership.owner().mayMean(key.parent()) && ownership.child().mayMean(key.child())
				&& key.pairs(ownership.columns(), ownership.references());
	}

	/**
	 * Without a schema, the tables of an aggregate are in the same one.
	 */
	private static TableName inSchemaOf(Table table, TableName other) {
		return (other.schema() != null) ? other : new TableName(table.name().schema(), other.name());
	}

	private static ForeignKey key(Ownership ownership, TableName child, TableName owner) {
		String name = child.name() + "." + String.join(", ", ownership.columns());
		return new ForeignKey(name, child, ownership.columns(), owner, ownership.references(),
				ForeignKey.Action.NO_ACTION, true);
	}

}
