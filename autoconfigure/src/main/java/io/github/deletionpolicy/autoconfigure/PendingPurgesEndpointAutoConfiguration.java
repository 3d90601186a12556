package io.github.deletionpolicy.autoconfigure;

import io.github.deletionpolicy.PendingPurges;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Offers the {@code pendingpurges} endpoint where Actuator is present.
 *
 * @since 0.1
 */
@AutoConfiguration(after = DeletionEngineAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "deletion-policy.enabled", matchIfMissing = true)
@ConditionalOnClass({ Endpoint.class, ConditionalOnAvailableEndpoint.class })
@ConditionalOnAvailableEndpoint(PendingPurgesEndpoint.class)
public final class PendingPurgesEndpointAutoConfiguration {

	@Bean
	@ConditionalOnBean(PendingPurges.class)
	@ConditionalOnMissingBean
	PendingPurgesEndpoint pendingPurgesEndpoint(PendingPurges pendingPurges) {
		return new PendingPurgesEndpoint(pendingPurges);
	}

}
