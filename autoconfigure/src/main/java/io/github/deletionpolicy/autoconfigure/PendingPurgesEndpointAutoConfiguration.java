package io.github.deletionpolicy.autoconfigure;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesEndpoint;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesEndpointWebExtension;
import io.github.deletionpolicy.doctor.Doctor;
import io.github.deletionpolicy.engine.DeletionEngine;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.Show;
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
	@ConditionalOnBean({ PendingPurges.class, DeletionEngine.class, DeleteOperations.class, Doctor.class })
	@ConditionalOnMissingBean
	PendingPurgesEndpoint pendingPurgesEndpoint(PendingPurges pendingPurges, DeletionEngine engine,
			DeleteOperations deletes, Doctor doctor, DeletionPolicyProperties properties,
			ObjectProvider<SanitizingFunction> sanitizing) {
		DeletionPolicyProperties.Endpoint settings = properties.endpoint();
		return new PendingPurgesEndpoint(pendingPurges, engine.operations(), engine.diagnosis(), deletes, doctor,
				sanitizing.orderedStream().toList(), Show.valueOf(settings.showValues().name()), settings.roles());
	}

	@Bean
	@ConditionalOnBean(PendingPurgesEndpoint.class)
	@ConditionalOnMissingBean
	@ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
	PendingPurgesEndpointWebExtension pendingPurgesEndpointWebExtension(PendingPurgesEndpoint delegate) {
		return new PendingPurgesEndpointWebExtension(delegate);
	}

}
