package io.github.deletionpolicy;

import java.util.List;

/**
 * The rows that a delete touched, as they are afterwards: a stamped row carries its new
 * deletion time, a removed one is shown as it last was.
 *
 * @param result what the delete did
 * @param rows the rows of the target table, in no particular order
 * @param <T> what each row was read as
 * @since 0.1
 */
public record DeletedRows<T>(DeletionResult result, List<T> rows) {

	public DeletedRows {
		rows = List.copyOf(rows);
	}

}
