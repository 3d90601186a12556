package io.github.deletionpolicy.catalog;

import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.TableName;

/**
 * The rows from which a delete cascades to a row: those that it refers to by cascading
 * foreign keys, directly or through tables without a deletion time.
 */
public record Ancestors(Catalog catalog, DeletionTimeColumns deletionTimes) {

	/**
	 * Return a way to each of the next tables above that have a deletion time, from the
	 * row {@code t} to the row {@code dp_a}.
	 */
	public List<Ascent> of(Table table) {
		List<Ascent> ascents = new ArrayList<>();
		climb(table, List.of(), ascents);
		return ascents;
	}

	private void climb(Table table, List<ForeignKey> steps, List<Ascent> ascents) {
		for (ForeignKey key : table.refersBy()) {
			if (!key.isCascading() || steps.contains(key)) {
				continue;
			}
			Table parent = this.catalog.table(key.parent());
			List<ForeignKey> further = CascadePlan.with(steps, key);
			Column deletionTime = this.deletionTimes.find(parent);
			if (deletionTime != null) {
				ascents.add(new Ascent(further, parent.name(), deletionTime));
			}
			else {
				climb(parent, further, ascents);
			}
		}
	}

	/**
	 * A way up.
	 *
	 * @param steps the keys, from the row upwards
	 * @param top the table at its end
	 * @param deletionTime the column that carries the deletion time there
	 */
	public record Ascent(List<ForeignKey> steps, TableName top, Column deletionTime) {

		/**
		 * Return the items of a FROM clause that lead from {@code t} to {@code dp_a}, and
		 * the conditions between them.
		 */
		public CascadePlan.Join join() {
			List<String> from = new ArrayList<>();
			List<String> conditions = new ArrayList<>();
			String below = "t";
			for (int i = 0; i < this.steps.size(); i++) {
				String alias = (i == this.steps.size() - 1) ? "dp_a" : "dp_a" + i;
				from.add(this.steps.get(i).parent().toSql() + " AS " + alias);
				conditions.add(this.steps.get(i).joins(below, alias));
				below = alias;
			}
			return new CascadePlan.Join(String.join(", ", from), String.join(" AND ", conditions));
		}

		/**
		 * Return the condition that the row {@code t} of a table is below another one
		 * that is deleted.
		 */
		public String isBelowDeleted(Table table) {
			CascadePlan.Join join = join();
			String another = this.top.equals(table.name()) ? " AND NOT (" + table.sameKey("dp_a", "t") + ")" : "";
			return "EXISTS (SELECT FROM %s WHERE %s AND %s IS NOT NULL%s)".formatted(join.from(), join.condition(),
					this.deletionTime.toSql("dp_a"), another);
		}

	}

}
