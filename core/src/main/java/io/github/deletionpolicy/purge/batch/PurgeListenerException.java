package io.github.deletionpolicy.purge.batch;

import org.springframework.core.NestedExceptionUtils;

/**
 * Ends a batch of which a listener did not want to hear.
 */
@SuppressWarnings("serial")
class PurgeListenerException extends RuntimeException {

	PurgeListenerException(Throwable thrown) {
		super("A purge listener failed: " + describe(thrown), thrown);
	}

	private static String describe(Throwable thrown) {
		String message = messageOf(thrown);
		Throwable root = NestedExceptionUtils.getRootCause(thrown);
		return (root == null || message.contains(messageOf(root))) ? message : message + " - " + messageOf(root);
	}

	private static String messageOf(Throwable thrown) {
		String message = thrown.getMessage();
		return (message != null) ? message : thrown.getClass().getName();
	}

}
