package io.github.deletionpolicy.mapping;

import java.util.List;

import io.github.deletionpolicy.TableName;

/**
 * Says that rows of one table are a part of rows of another: those of an aggregate's
 * child entities belong to those above them. A delete cascades to them whatever the
 * foreign key between the two says, or where there is none.
 *
 * @param owner the table above; a view that stands for it counts as the table
 * @param references its columns that are referred to
 * @param child the table of the parts
 * @param columns its columns that refer, in the order of the columns that they refer to
 * @since 0.1
 * @see AggregateMapping#ownerships()
 */
public record Ownership(TableName owner, List<String> references, TableName child, List<String> columns) {

	public Ownership {
		references = List.copyOf(references);
		columns = List.copyOf(columns);
	}

}
