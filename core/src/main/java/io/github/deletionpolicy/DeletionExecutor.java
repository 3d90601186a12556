package io.github.deletionpolicy;

import java.util.UUID;

/**
 * Carries out what {@link DeleteTemplate} has decided. Every method joins the caller's
 * transaction or opens one.
 *
 * @since 0.1
 */
public interface DeletionExecutor {

	/**
	 * Find the table that a target means for the caller's connection.
	 * @param target a table's name or a class
	 * @return the table, with its schema
	 * @throws UnknownTableException if there is none
	 * @throws UnsupportedTableException if it is no table that rows can be deleted from
	 */
	TableName resolve(DeletionTarget target);

	/**
	 * Delete.
	 * @param order what to do
	 * @return what was done
	 */
	DeletionResult delete(DeletionOrder order);

	/**
	 * Delete and read the rows back.
	 * @param order what to do
	 * @param rowType what to read each row as
	 * @param <T> the type of a row
	 * @return what was done, and the rows
	 */
	<T> DeletedRows<T> deleteReturning(DeletionOrder order, Class<T> rowType);

	/**
	 * Delete in the background.
	 * @param order what to do; its mode is not {@link DeletionMode#SCHEDULED}
	 * @param options how to work through the rows
	 * @return a handle
	 */
	AsyncDeletion deleteAsync(DeletionOrder order, AsyncOptions options);

	/**
	 * Say what a delete would do.
	 * @param order what would be done
	 * @return its effects
	 */
	DeletionPreview preview(DeletionOrder order);

	/**
	 * Restore the rows of an operation.
	 * @param operationId the operation
	 * @return what came back
	 */
	RestoreResult restore(UUID operationId);

	/**
	 * Restore rows.
	 * @param target the table, or the class that stands for it
	 * @param policy the table's policy, for the name of its columns
	 * @param selection which rows
	 * @return what came back
	 */
	RestoreResult restore(DeletionTarget target, DeletionPolicy policy, RowSelection selection);

}
