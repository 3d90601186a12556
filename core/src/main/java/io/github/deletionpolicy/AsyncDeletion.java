package io.github.deletionpolicy;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * A handle on an asynchronous delete. It holds for as long as the delete is recorded:
 * until {@code deletion-policy.retention} after its end. Afterwards, and where the
 * transaction that accepted the delete was rolled back, each method but
 * {@link #operationId()} raises {@link UnknownOperationException}.
 * <p>
 * After a restart, or on another node, {@link PendingPurges#asyncDeletion} returns a new
 * one.
 *
 * @since 0.1
 */
public interface AsyncDeletion {

	/**
	 * Return the identifier under which the delete is recorded.
	 * @return the operation's id
	 */
	UUID operationId();

	/**
	 * Read how far the delete has come.
	 * @return the progress as the database knows it now
	 */
	AsyncProgress progress();

	/**
	 * Say what was wrong last: why the delete failed, or why single rows did.
	 * @return the message, in one line; empty if nothing was wrong
	 */
	default Optional<String> lastError() {
		return Optional.empty();
	}

	/**
	 * Wait until the delete has ended or the time is over. Ends early, too, if the thread
	 * is interrupted, which stays so.
	 * @param timeout how long to wait; zero or less for not at all
	 * @return the progress at that moment; look at its state
	 * @throws org.springframework.dao.InvalidDataAccessApiUsageException if this thread
	 * is still in the transaction that accepted the delete, without whose commit it does
	 * not begin
	 */
	AsyncProgress await(Duration timeout);

	/**
	 * Stop the delete after the batch that it is at, which is waited for: when the method
	 * returns (and its transaction has committed), no more rows are deleted. Rows already
	 * removed or stamped stay so; those that a soft delete has stamped can be restored. A
	 * delete that has ended stays as it is.
	 */
	void cancel();

}
