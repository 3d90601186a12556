package io.github.deletionpolicy.autoconfigure.policy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;

import static org.assertj.core.api.Assertions.assertThat;

class ConfigurationMetadataTests {

	@Test
	void everyPropertyIsDescribed() throws IOException {
		assertThat(properties()).isNotEmpty().allSatisfy((property) -> {
			String description = property.path("description").asString();
			assertThat(description).as(property.path("name").asString())
				.isNotBlank()
				.endsWith(".")
				.doesNotStartWith("The ")
				.doesNotStartWith("A ");
			if (property.path("type").asString().equals("java.lang.Boolean")) {
				assertThat(description).startsWith("Whether ");
			}
		});
	}

	@Test
	void failureAnalyzerNamesEveryProperty() throws IOException {
		List<String> names = properties().stream()
			.map((property) -> property.path("name").asString())
			.filter((name) -> name.startsWith("deletion-policy."))
			.map((name) -> name.substring("deletion-policy.".length()))
			.map((name) -> name.equals("tables") ? "tables.*" : name)
			.toList();
		assertThat(UnknownDeletionPolicyPropertyFailureAnalyzer.KNOWN).containsExactlyInAnyOrderElementsOf(names);
		assertThat(UnknownDeletionPolicyPropertyFailureAnalyzer.KNOWN_OF_TABLE)
			.containsExactlyElementsOf(Arrays.stream(DeletionPolicyProperties.TablePolicy.class.getRecordComponents())
				.map(RecordComponent::getName)
				.map(DataObjectPropertyName::toDashedForm)
				.toList());
	}

	private static List<JsonNode> properties() throws IOException {
		try (InputStream metadata = ConfigurationMetadataTests.class
			.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
			List<JsonNode> properties = new ArrayList<>();
			JsonMapper.shared().readTree(metadata).path("properties").forEach(properties::add);
			return properties;
		}
	}

}
