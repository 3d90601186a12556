package io.github.deletionpolicy.autoconfigure.require;

import io.github.deletionpolicy.DeletionPolicyRegistry;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Stops the start where rows are to be kept and cannot be.
 */
public class MissingPartCheck implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(MissingPartCheck.class);

	private final DeletionPolicyRegistry policies;

	private final @Nullable MissingPart missing;

	public MissingPartCheck(DeletionPolicyRegistry policies, @Nullable MissingPart missing) {
		this.policies = policies;
		this.missing = missing;
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (this.missing != null) {
			this.missing.refuse(this.policies);
			logger.debug("There is no DeleteTemplate. " + this.missing);
		}
	}

}
