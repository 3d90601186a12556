package io.github.deletionpolicy.sample;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import io.github.deletionpolicy.doctor.Doctor;
import io.github.deletionpolicy.test.DeletionPolicyAssertions;
import io.github.deletionpolicy.test.PurgeRunner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The application as it ships, on its own PostgreSQL. Only the clock's purge is put off,
 * so that nothing goes before a test says so.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "deletion-policy.purge.interval=1d")
class SampleApplicationIT {

	private static final Duration USER_DELAY = Duration.ofSeconds(45);

	private static final Duration DOCUMENT_DELAY = Duration.ofSeconds(30);

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private PurgeRunner purges;

	private RestTestClient client;

	@BeforeEach
	void connect(@LocalServerPort int port) {
		this.client = RestTestClient.bindToServer().baseUrl("http://localhost:" + port).build();
	}

	@Test
	void theSchemaFitsThePolicies(@Autowired Doctor doctor) {
		DeletionPolicyAssertions.assertThat(doctor).hasNoFindings();
	}

	@Test
	void usersAreListedWithTheirDocuments() {
		assertThat(users()).filteredOn((user) -> user.name().equals("Mei Tanaka")).singleElement().satisfies((user) -> {
			assertThat(user.deletedAt()).isNull();
			assertThat(user.purgeAt()).isNull();
			assertThat(user.documents()).extracting(Document::title)
				.containsExactly("Hiring plan", "Pitch deck, version 7", "Quarterly forecast");
		});
	}

	@Test
	void deletedUserAndDocumentsShowWhenTheyGo() {
		long id = newUser("Contract", "Invoice");

		this.client.delete()
			.uri("/api/users/{id}", id)
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.mode")
			.isEqualTo("SCHEDULED")
			.jsonPath("$.rows")
			.isEqualTo(1);

		User user = user(id);
		assertThat(user.deletedAt()).isNotNull();
		assertThat(user.purgeAt()).isEqualTo(user.deletedAt().plus(USER_DELAY));
		assertThat(user.documents()).hasSize(2).allSatisfy((document) -> {
			assertThat(document.deletedAt()).isNotNull();
			assertThat(document.purgeAt()).isEqualTo(document.deletedAt().plus(DOCUMENT_DELAY));
		});
	}

	@Test
	void deletedDocumentShowsInTheEndpoint() {
		Document document = user(newUser("Contract")).documents().get(0);
		long before = pendingDocuments();

		delete("/api/documents/{id}", document.id());

		assertThat(pendingDocuments()).isEqualTo(before + 1);
	}

	@Test
	void undoClearsTheDeadlineAndTheRowsOutliveIt() {
		long id = newUser("Contract");
		UUID document = user(id).documents().get(0).id();
		delete("/api/users/{id}", id);

		restore("/api/users/{id}/restore", id, HttpStatus.NO_CONTENT);
		restore("/api/documents/{id}/restore", document, HttpStatus.NO_CONTENT);

		User restored = user(id);
		assertThat(restored.deletedAt()).isNull();
		assertThat(restored.purgeAt()).isNull();
		assertThat(restored.documents()).singleElement().satisfies((it) -> {
			assertThat(it.deletedAt()).isNull();
			assertThat(it.purgeAt()).isNull();
		});
		purgeAsOf(USER_DELAY);
		assertThat(user(id)).isEqualTo(restored);
	}

	@Test
	void restoredUserComesBackWithoutTheDocuments() {
		long id = newUser("Contract");
		delete("/api/users/{id}", id);

		restore("/api/users/{id}/restore", id, HttpStatus.NO_CONTENT);

		assertThat(user(id).documents()).singleElement().extracting(Document::deletedAt).isNotNull();
		purgeAsOf(USER_DELAY);
		assertThat(user(id).documents()).isEmpty();
	}

	@Test
	void purgeRemovesTheUserAndTheDocuments() {
		long id = newUser("Contract", "Invoice");
		long neighbour = newUser("Letter");
		delete("/api/users/{id}", id);

		purgeAsOf(USER_DELAY);

		assertThat(find(id)).isEmpty();
		assertThat(documentsInDatabase(id)).isZero();
		assertThat(user(neighbour).documents()).hasSize(1);
	}

	@Test
	void purgeTakesNothingBeforeItsTime() {
		long id = newUser("Contract");
		delete("/api/users/{id}", id);

		this.purges.runDue();
		assertThat(user(id).documents()).hasSize(1);

		purgeAsOf(DOCUMENT_DELAY);
		assertThat(user(id).documents()).isEmpty();
	}

	@Test
	void undoOfAUserWhoseAddressWasTakenIsAConflict() {
		long id = newUser();
		String email = user(id).email();
		delete("/api/users/{id}", id);
		insertUser(email);

		restore("/api/users/{id}/restore", id, HttpStatus.CONFLICT).expectHeader()
			.contentType(MediaType.APPLICATION_PROBLEM_JSON)
			.expectBody()
			.jsonPath("$.detail")
			.value(String.class, (detail) -> assertThat(detail).contains("has this e-mail address"));

		assertThat(user(id).deletedAt()).isNotNull();
	}

	@Test
	void documentOfADeletedUserCannotComeBackAlone() {
		long id = newUser("Contract");
		UUID document = user(id).documents().get(0).id();
		delete("/api/users/{id}", id);

		restore("/api/documents/{id}/restore", document, HttpStatus.CONFLICT).expectBody()
			.jsonPath("$.detail")
			.value(String.class, (detail) -> assertThat(detail).contains("Restore the user first"));

		assertThat(user(id).documents()).singleElement().extracting(Document::deletedAt).isNotNull();
	}

	@Test
	void documentsAreAddedToLiveUsersOnly() {
		long id = newUser();

		add(id, " Contract ", HttpStatus.CREATED);
		assertThat(user(id).documents()).extracting(Document::title).containsExactly("Contract");

		add(id, " ", HttpStatus.BAD_REQUEST);
		delete("/api/users/{id}", id);
		add(id, "Invoice", HttpStatus.CONFLICT);
		assertThat(user(id).documents()).hasSize(1);
	}

	@Test
	void unknownIdsAreNotFound() {
		UUID nowhere = new UUID(0, 0);
		assertNotFound(HttpMethod.DELETE, "/api/users/{id}", -1);
		assertNotFound(HttpMethod.POST, "/api/users/{id}/restore", -1);
		assertNotFound(HttpMethod.DELETE, "/api/documents/{id}", nowhere);
		assertNotFound(HttpMethod.POST, "/api/documents/{id}/restore", nowhere);
		add(-1, "Contract", HttpStatus.NOT_FOUND);
	}

	@Test
	void pageIsServedWithItsScriptAndStyle() {
		this.client.get()
			.uri("/")
			.accept(MediaType.TEXT_HTML)
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody(String.class)
			.value((page) -> assertThat(page).contains("app.js", "app.css"));
		this.client.get().uri("/app.js").exchange().expectStatus().isOk();
		this.client.get().uri("/app.css").exchange().expectStatus().isOk();
	}

	private long newUser(String... titles) {
		long id = insertUser(UUID.randomUUID() + "@example.com");
		for (String title : titles) {
			this.jdbc.sql("INSERT INTO documents (user_id, title) VALUES (?, ?)").params(id, title).update();
		}
		return id;
	}

	private long insertUser(String email) {
		return this.jdbc.sql("INSERT INTO users (name, email) VALUES ('Somebody', ?) RETURNING id")
			.param(email)
			.query(Long.class)
			.single();
	}

	private long documentsInDatabase(long userId) {
		return this.jdbc.sql("SELECT count(*) FROM documents WHERE user_id = ?")
			.param(userId)
			.query(Long.class)
			.single();
	}

	private List<User> users() {
		return this.client.get()
			.uri("/api/users")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody(new ParameterizedTypeReference<List<User>>() {
			})
			.returnResult()
			.getResponseBody();
	}

	private Optional<User> find(long id) {
		return users().stream().filter((user) -> user.id() == id).findFirst();
	}

	private User user(long id) {
		return find(id).orElseThrow();
	}

	private void delete(String uri, Object id) {
		this.client.delete().uri(uri, id).exchange().expectStatus().isOk();
	}

	private RestTestClient.ResponseSpec restore(String uri, Object id, HttpStatus expected) {
		return this.client.post().uri(uri, id).exchange().expectStatus().isEqualTo(expected);
	}

	private void add(long userId, String title, HttpStatus expected) {
		this.client.post()
			.uri("/api/documents")
			.body(Map.of("userId", userId, "title", title))
			.exchange()
			.expectStatus()
			.isEqualTo(expected);
	}

	private void assertNotFound(HttpMethod method, String uri, Object id) {
		this.client.method(method)
			.uri(uri, id)
			.exchange()
			.expectStatus()
			.isNotFound()
			.expectHeader()
			.contentType(MediaType.APPLICATION_PROBLEM_JSON);
	}

	private long pendingDocuments() {
		return this.client.get()
			.uri("/actuator/pendingpurges")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody(PendingPurgesAnswer.class)
			.returnResult()
			.getResponseBody()
			.tables()
			.stream()
			.filter((summary) -> summary.table().equals("public.documents"))
			.mapToLong(Summary::pending)
			.sum();
	}

	private void purgeAsOf(Duration fromNow) {
		this.purges.runDueAsOf(Instant.now().plus(fromNow).plusSeconds(1));
	}

	private record PendingPurgesAnswer(List<Summary> tables) {

	}

	private record Summary(String table, long pending) {

	}

}
