package io.github.deletionpolicy;

import java.time.Duration;
import java.util.UUID;

/**
 * A handle on an asynchronous delete.
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
	 * Wait until the delete has ended or the time is over.
	 * @param timeout how long to wait
	 * @return the progress at that moment; look at its state
	 */
	AsyncProgress await(Duration timeout);

	/**
	 * Ask the delete to stop after the batch that it is at. Rows already removed or
	 * stamped stay so.
	 */
	void cancel();

}
