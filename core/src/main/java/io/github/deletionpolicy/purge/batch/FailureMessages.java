package io.github.deletionpolicy.purge.batch;

import java.util.stream.Collectors;

import org.springframework.core.NestedExceptionUtils;

/**
 * Puts into one line what went wrong.
 */
public final class FailureMessages {

	private FailureMessages() {
	}

	public static String of(Throwable exception) {
		Throwable cause = (exception instanceof PurgeListenerException) ? exception
				: NestedExceptionUtils.getMostSpecificCause(exception);
		String message = (cause.getMessage() != null) ? cause.getMessage() : cause.getClass().getName();
		return message.lines().collect(Collectors.joining(" "));
	}

}
