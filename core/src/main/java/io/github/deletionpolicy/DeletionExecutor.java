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
	 * Find the table that a subject means for the caller's connection.
	 * @param subject a table's name or a class
	 * @return the table
	 * @throws UnknownTableException if there is none
	 * @throws UnsupportedTableException if it is no table that rows can be deleted from
	 */
	ResolvedTable resolve(DeletionRequest.Subject subject);

	/**
	 * Delete.
	 * @param request what to do
	 * @return what was done
	 */
	DeletionResult delete(DeletionRequest request);

	/**
	 * Delete and read the rows back.
	 * @param request what to do
	 * @param rowType what to read each row as
	 * @param <T> the type of a row
	 * @return what was done, and the rows
	 */
	<T> DeletedRows<T> deleteReturning(DeletionRequest request, Class<T> rowType);

	/**
	 * Delete in the background.
	 * @param request what to do; its mode is not {@link DeletionMode#SCHEDULED}
	 * @param options how to work through the rows
	 * @return a handle
	 */
	AsyncDeletion deleteAsync(DeletionRequest request, AsyncOptions options);

	/**
	 * Say what a delete would do.
	 * @param request what would be done
	 * @return its effects
	 */
	DeletionPreview preview(DeletionRequest request);

	/**
	 * Restore the rows of an operation.
	 * @param operationId the operation
	 * @return what was restored
	 */
	RestoreResult restore(UUID operationId);

	/**
	 * Restore rows.
	 * @param table the table that {@link #resolve} has found
	 * @param policy its policy, for the name of its columns
	 * @param selection which rows
	 * @return what was restored
	 */
	RestoreResult restore(ResolvedTable table, DeletionPolicy policy, DeletionRequest.Selection selection);

	/**
	 * A table that an executor has found, with all that this executor knows of it. It is
	 * meant for one call and handed back to the executor that found it.
	 */
	interface ResolvedTable {

		/**
		 * Return the table's name.
		 * @return the name with its schema
		 */
		TableName name();

	}

}
