package io.github.deletionpolicy.catalog;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnsupportedTableException;
import org.jspecify.annotations.Nullable;

/**
 * A relation of the catalog: a table, a view, or something else.
 *
 * @param version changes with the relation
 * @param partitionOf the partitioned table that this one is a part of; {@code null} if it
 * is no partition
 */
record Relation(TableName name, String kind, String persistence, long oid, String version,
		@Nullable TableName partitionOf) {

	boolean isTable() {
		return ("r".equals(this.kind) || "p".equals(this.kind)) && !"t".equals(this.persistence);
	}

	boolean isView() {
		return "v".equals(this.kind) && !"t".equals(this.persistence);
	}

	void requireTable() {
		if (isTable()) {
			return;
		}
		if ("t".equals(this.persistence)) {
			throw new UnsupportedTableException(
					"%s is a temporary relation: it ends with the session, so nothing of it can be kept or purged. Delete with plain SQL."
						.formatted(this.name));
		}
		String what = switch (this.kind) {
			case "m" -> "a materialized view";
			case "f" -> "a foreign table";
			default -> "no table";
		};
		throw new UnsupportedTableException("%s is %s. Name the table that holds the rows.".formatted(this.name, what));
	}

}
